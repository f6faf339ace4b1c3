import type { Bench } from '../bench.js';
import { mustBeEqual } from '../equal-answers.js';
import { fillWithRuns } from '../fill/many-runs.js';
import type { Figure } from '../figure.js';
import { measureCalls } from '../calls-in-turn.js';
import { both, type Json, type Pair, type Side } from '../servers/side.js';

const RUNS = 100_000;
const DEEP = 90_000;
const PAGE = 100;

const OWN_TOKENS = 'page 900 by our own tokens';

const tokenAt = (offset: number): string => btoa(JSON.stringify({ offset }));

interface Question {
  name: string;
  asked: Json;
}
const questions: Question[] = [
  { name: 'first page', asked: {} },
  { name: 'metric AND param filter', asked: { filter: "metrics.m0 > 0.9 AND params.p0 = 'v3'" } },
  { name: 'order by a metric', asked: { order_by: ['metrics.m1 DESC'] } },
  { name: 'page at offset 90,000', asked: { page_token: tokenAt(DEEP) } },
  { name: 'param LIKE', asked: { filter: "params.p2 LIKE '%abc%'" } },
];

/** Pages of 100 out of 100,000 runs in one experiment, one client. */
export const measureSearch = async (bench: Bench): Promise<Figure[]> =>
  bench.withPair(async (pair) => {
    const [ours, theirs] = await both(pair, async (side) => {
      const experiment = await side.createExperiment('search');
      await fillWithRuns(side, experiment, RUNS);
      return experiment;
    });
    const bodyFor = (side: Side, asked: Json): Json => ({
      experiment_ids: [side === pair.ours ? ours : theirs],
      max_results: PAGE,
      ...asked,
    });
    const figures: Figure[] = [];
    for (const { name, asked } of bench.only(questions))
      figures.push(
        ...(await bench.attempt(name, () =>
          measureCalls(bench, pair, {
            group: 'search',
            name: `100k runs: ${name}`,
            request: (side) => ({
              method: 'POST',
              path: '/api/2.0/mlflow/runs/search',
              body: JSON.stringify(bodyFor(side, asked)),
            }),
            same: (our, their) => {
              mustBeEqual(name, our, their, ['run_id']);
            },
            fasterThan: 5,
            p50Ms: 150,
          }),
        )),
      );
    for (const { name } of bench.only([{ name: OWN_TOKENS }]))
      figures.push(...(await bench.attempt(name, () => ownTokens(bench, pair, (asked) => bodyFor(pair.ours, asked)))));
    return figures;
  });

/** Our own tokens, walked from the first page on: the last page costs what the first one does. */
const ownTokens = async (bench: Bench, pair: Pair, body: (asked: Json) => Json): Promise<Figure> => {
  let page_token: unknown;
  for (let at = 0; at < DEEP; at += PAGE * 10)
    page_token = (await pair.ours.call('POST', 'runs/search', body({ max_results: PAGE * 10, page_token })))
      .next_page_token;
  const walked = await pair.ours.call('POST', 'runs/search', body({ page_token }));
  const offset = await pair.ours.call('POST', 'runs/search', body({ page_token: tokenAt(DEEP) }));
  mustBeEqual(OWN_TOKENS, walked, offset, ['run_id']);
  const request = (asked: Json) => () => ({
    method: 'POST',
    path: '/api/2.0/mlflow/runs/search',
    body: JSON.stringify(body(asked)),
  });
  const first = request({});
  const deep = request({ page_token });
  return measureCalls(
    bench,
    { ours: pair.ours, theirs: pair.ours },
    {
      group: 'search',
      name: `100k runs: ${OWN_TOKENS}`,
      request: first,
      requestOfOurs: deep,
      against: 'our first page',
      fasterThan: 0.5,
      p50Ms: 150,
    },
  );
};
