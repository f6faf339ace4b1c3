import { PlatformError } from '#runtime';
import type { Metric } from './runs.js';
import type { Tag } from './paging.js';
import { cut, isLonger, normalPath, pythonFloat, pythonJson, pythonRepr } from './python-text.js';

const KEY_LENGTH = 250;
const PARAM_VALUE_LENGTH = 6000;
const TAG_VALUE_LENGTH = 8000;
/** 5,000 until MLflow 3.15. */
const EXPERIMENT_TAG_VALUE_LENGTH = 20_000;
const RUN_NAME_LENGTH = 250;
const USER_LENGTH = 256;

const invalid = (detail: string): PlatformError => new PlatformError('REQUEST_INVALID', detail);

/** Python's `\w` is a letter or number of any script, or `_`; its `$` stands before a last line break too. */
const keyCharacters = /^[/\p{L}\p{N}_.\- :]*\n?$/u;

/** MLflow's rule for keys of metrics, params and tags: its characters, and a path that is what it seems to be. */
export const checkKey = (key: string, field: string): void => {
  if (!keyCharacters.test(key))
    throw invalid(
      `Invalid value ${pythonJson(key)} for parameter '${field}' supplied: Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), colon(:) and slashes (/).`,
    );
  const normal = normalPath(key);
  if (normal !== key || normal === '.' || normal.startsWith('..') || normal.startsWith('/'))
    throw invalid(
      `Invalid value ${pythonJson(key)} for parameter '${field}' supplied: Names may be treated as files in certain cases, and must not resolve to other names when treated as such. This name would resolve to ${pythonRepr(normal)}`,
    );
};

const checkLength = (text: string, limit: number, what: string): void => {
  if (isLonger(text, limit)) throw invalid(`'${what}' exceeds the maximum length of ${String(limit)} characters`);
};

/** Where in a request an item stands, for the words of an error: nowhere for the only one, `metrics[3].` for one of a list. */
type PathOf = (at: number) => string;
export const alone: PathOf = () => '';
export const within =
  (list: string): PathOf =>
  (at) =>
    `${list}[${String(at)}].`;

/** Checks the keys; values that are too long are cut, as MLflow does. */
export const checkedParams = (params: readonly Tag[], path: PathOf): Tag[] =>
  params.map(({ key, value }, at) => {
    checkKey(key, `${path(at)}key`);
    checkLength(key, KEY_LENGTH, 'Param key');
    return { key, value: cut(value, PARAM_VALUE_LENGTH) };
  });

export const checkedTags = (tags: readonly Tag[], path: PathOf): Tag[] =>
  tags.map(({ key, value }, at) => {
    checkKey(key, `${path(at)}key`);
    checkLength(key, KEY_LENGTH, `${path(at)}key`);
    return { key, value: cut(value, TAG_VALUE_LENGTH) };
  });

/** Infinities become the greatest double, as MLflow stores them; NaN stays. */
export const checkedMetrics = (metrics: readonly Metric[], path: PathOf): Metric[] => {
  // Most batches name few keys many times.
  const checked = new Set<string>();
  return metrics.map((metric, at) => {
    const { key, value, timestampMs } = metric;
    if (!checked.has(key)) checkKey(key, `${path(at)}name`);
    if (timestampMs < 0)
      throw invalid(
        `Invalid value ${String(timestampMs)} for parameter '${path(at)}timestamp' supplied: metric '${key}' (value=${pythonFloat(value)}). Timestamp must be a nonnegative long (64-bit integer) `,
      );
    if (!checked.has(key)) checkLength(key, KEY_LENGTH, 'Metric name');
    checked.add(key);
    return Number.isFinite(value) || Number.isNaN(value) ? metric : { ...metric, value: finite(value) };
  });
};

const finite = (value: number): number => (value > 0 ? Number.MAX_VALUE : -Number.MAX_VALUE);

/** What MLflow's database refuses of a new run, whose tags may have any key and are not cut; undefined when it takes all. */
export const refusalOfNewRun = (run: {
  run_name?: string;
  user_id: string;
  tags: readonly Tag[];
}): string | undefined => {
  const keys = run.tags.map(({ key }) => key);
  const twice = keys.find((key, at) => keys.indexOf(key) !== at);
  if (twice !== undefined) return `The tag ${pythonRepr(twice)} is given twice.`;
  const texts: [string, number, string][] = [
    [run.run_name ?? '', RUN_NAME_LENGTH, 'run_name'],
    [run.user_id, USER_LENGTH, 'user_id'],
    ...run.tags.flatMap(({ key, value }, at): [string, number, string][] => [
      [key, KEY_LENGTH, `tags[${String(at)}].key`],
      [value, TAG_VALUE_LENGTH, `tags[${String(at)}].value`],
    ]),
  ];
  const tooLong = texts.find(([text, limit]) => isLonger(text, limit));
  return tooLong && `'${tooLong[2]}' exceeds the maximum length of ${String(tooLong[1])} characters`;
};

/** The tags of an experiment: keys as everywhere, values refused instead of cut. */
export const checkExperimentTag = ({ key, value }: Tag): void => {
  checkKey(key, 'key');
  checkLength(key, KEY_LENGTH, 'key');
  checkLength(value, EXPERIMENT_TAG_VALUE_LENGTH, 'value');
};

/** @throws PlatformError REQUEST_INVALID when a batch is larger than MLflow allows or names a param twice. */
export const checkBatch = (batch: {
  metrics: readonly Metric[];
  params: readonly Tag[];
  tags: readonly Tag[];
}): void => {
  const { metrics, params, tags } = batch;
  atMost('metrics', metrics.length, 1000);
  atMost('params', params.length, 100);
  atMost('tags', tags.length, 100);
  atMost('metrics, params, and tags', metrics.length + params.length + tags.length, 1000);
  const keys = new Set<string>();
  const twice = params.filter(({ key }) => keys.size === keys.add(key).size);
  if (twice.length > 0)
    throw invalid(
      `Duplicate parameter keys have been submitted: [${twice.map(({ key }) => pythonRepr(key)).join(', ')}]. Please ensure the request contains only one param value per param key.`,
    );
};

const atMost = (what: string, count: number, limit: number): void => {
  if (count > limit)
    throw invalid(
      `A batch logging request can contain at most ${String(limit)} ${what}. Got ${String(count)} ${what}. Please split up ${what} across multiple requests and try again.`,
    );
};

/** @throws PlatformError REQUEST_INVALID for what can't be the id of a run. */
export const checkRunId = (runId: string): void => {
  if (!/^[a-zA-Z0-9][\p{L}\p{N}_-]{0,255}\n?$/u.test(runId))
    throw invalid(`Invalid value ${pythonJson(runId)} for parameter 'run_id' supplied.`);
};
