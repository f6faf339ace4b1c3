import { historyToken, type MetricPoint, type RunPoint } from '../../core/metric-history.js';

/**
 * Points of a metric as text of JSON. A history has millions: they are written down as the database spells them instead of
 * being parsed, shaped and written again.
 */
const pointsText = (key: string, points: readonly (MetricPoint | RunPoint)[]): string => {
  const opening = `{"key":${JSON.stringify(key)},"value":`;
  let text = '';
  for (const point of points) {
    const value = point.value === 'NaN' ? '"NaN"' : point.value;
    const run = 'runId' in point ? `,"run_id":${JSON.stringify(point.runId)}` : '';
    text += `${text && ','}${opening}${value},"timestamp":${point.timestamp},"step":${point.step}${run}}`;
  }
  return text;
};

/** A message with the points of several runs. */
export const metricsText = (key: string, points: readonly RunPoint[]): string =>
  `{"metrics":[${pointsText(key, points)}]}`;

/**
 * A message with up to `limit` points, fetched `size` at a time while it is written, and the token of what follows them.
 * As everywhere, an empty list is left out.
 */
export async function* historyText(
  key: string,
  { after, limit, size }: { after?: MetricPoint; limit: number; size: number },
  fetch: (after: MetricPoint | undefined, limit: number) => Promise<readonly MetricPoint[]>,
): AsyncGenerator<string> {
  let last = after;
  let left = limit;
  let opening = '"metrics":[';
  for (yield '{'; ; opening = ',') {
    const wanted = Math.min(left, size);
    // One more than is wanted only tells that there is more.
    const points = await fetch(last, wanted + 1);
    const shown = points.slice(0, wanted);
    if (shown.length > 0) yield `${opening}${pointsText(key, shown)}`;
    last = shown.at(-1) ?? last;
    left -= shown.length;
    const isMore = points.length > wanted;
    if (isMore && left > 0) continue;
    const closing = shown.length > 0 || opening === ',' ? ']' : '';
    yield isMore && last !== undefined ? `${closing},"next_page_token":"${historyToken(last)}"}` : `${closing}}`;
    return;
  }
}
