import type { Bench } from '../bench.js';
import { mustBeEqual } from '../equal-answers.js';
import type { Figure } from '../figure.js';
import type { Seen } from '../load/plan.js';
import { both, type Json, type Side } from '../servers/side.js';
import { pairedRatio, summarise, type Round } from '../statistics.js';

const POINTS = 1_000_000;
const BATCH = 1000;
const CHUNKS = 10;
const CLIENTS = 4;
const PAGE = 25_000;

interface Writing {
  side: Side;
  run: string;
  from: number;
  written: Seen[];
  read: Round[];
}

/** One metric of one run with 10⁶ points: written by four clients in batches of 1000, read in pages of 25,000. */
export const measureHistory = async (bench: Bench): Promise<Figure[]> =>
  bench.withPair(async (pair) => {
    const sides = await both(pair, async (side): Promise<Writing> => {
      const [run] = await side.createRuns(await side.createExperiment('history'), 1);
      return { side, run, from: 0, written: [], read: [] };
    });
    const perChunk = bench.points / CHUNKS / BATCH / CLIENTS;
    for (let chunk = 0; chunk < CHUNKS; chunk++)
      for (const at of new Set(sides)) {
        const seen = await bench.generator.load({
          url: at.side.url,
          workload: 'log-history',
          given: { runIds: Array.from({ length: CLIENTS }, () => at.run), size: BATCH },
          clients: CLIENTS,
          requestsEach: perChunk,
          from: at.from,
          timeoutMs: 120_000,
        });
        at.from += seen.sent;
        at.written.push(seen);
      }
    await readInTurn(sides);
    const [ours, theirs] = sides;
    return [
      figureOf(bench, 'written', ours.written, theirs.written, BATCH),
      figureOf(bench, 'read', ours.read, theirs.read, PAGE),
    ];
  });

/** Both walk their own tokens; page by page the answers must be the same. */
const readInTurn = async (sides: readonly [Writing, Writing]): Promise<void> => {
  const tokens: unknown[] = [undefined, undefined];
  for (let page = 0; page === 0 || tokens[0] !== undefined; page++) {
    const answers: Json[] = [];
    for (const [index, at] of sides.entries()) {
      const began = performance.now();
      const answer = await at.side.call('GET', 'metrics/get-history', {
        run_id: at.run,
        metric_key: 'loss',
        max_results: PAGE,
        ...(tokens[index] !== undefined && { page_token: tokens[index] }),
      });
      const ms = performance.now() - began;
      at.read.push({ latenciesMs: [ms], seconds: ms / 1000 });
      tokens[index] = answer.next_page_token;
      answers.push(answer);
    }
    mustBeEqual(`page ${String(page)} of the history`, answers[0], answers[1]);
  }
  if (tokens[1] !== undefined) throw new Error('The history of MLflow is longer than ours.');
};

const figureOf = (bench: Bench, verb: string, ours: Round[], theirs: Round[], size: number): Figure => {
  const seconds = (rounds: Round[]): number[] => rounds.map((round) => round.seconds / round.latenciesMs.length);
  const ratio = pairedRatio(seconds(theirs), seconds(ours));
  const scale = bench.points === POINTS ? '10⁶' : bench.points.toLocaleString('en');
  return {
    group: 'history',
    name: `history of ${scale} points: ${verb}, ${size.toLocaleString('en')} at a time`,
    ours: summarise(ours),
    theirs: summarise(theirs),
    against: 'mlflow server',
    ratio,
    target: '≥ 5 ×',
    met: ratio >= 5,
    notes: bench.points === POINTS ? undefined : `measured with ${String(bench.points)} points, not scaled`,
  };
};
