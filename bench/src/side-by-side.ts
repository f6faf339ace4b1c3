import type { Generator } from './load/generator.js';
import type { Plan } from './load/plan.js';
import { opponentOf, type Pair, type Side } from './servers/side.js';
import type { Figure, Group } from './figure.js';
import { pairedRatio, rateOf, summarise, type Round } from './statistics.js';

export interface Throughput {
  group: Group;
  name: string;
  /** Rounds of each side, and how long one is. */
  rounds: number;
  seconds: number;
  clients: number;
  atLeast: number;
  plan: (side: Side) => Pick<Plan, 'workload' | 'given'>;
}

const WARM_UP_SECONDS = 1.5;
/** Steps of the two sides never meet, not even when ours stands for both: what was written already costs nothing. */
const APART = 100_000_000;

/** Requests per second of both under the same load, in turn: ours, theirs, ours, theirs. */
export const measureThroughput = async (generator: Generator, pair: Pair, what: Throughput): Promise<Figure> => {
  const sides = [pair.ours, pair.theirs].map((side, index) => ({ side, from: index * APART, rounds: [] as Round[] }));
  const play = async (at: (typeof sides)[number], seconds: number): Promise<Round> => {
    const seen = await generator.load({
      url: at.side.url,
      ...what.plan(at.side),
      clients: what.clients,
      seconds,
      from: at.from,
      timeoutMs: 60_000,
    });
    at.from += seen.sent;
    return seen;
  };
  for (const side of sides) await play(side, WARM_UP_SECONDS);
  for (let round = 0; round < what.rounds; round++)
    for (const side of sides) side.rounds.push(await play(side, what.seconds));
  const [ours, theirs] = sides.map(({ rounds }) => rounds);
  const ratio = pairedRatio(ours.map(rateOf), theirs.map(rateOf));
  return {
    group: what.group,
    name: what.name,
    ours: summarise(ours),
    theirs: summarise(theirs),
    against: opponentOf(pair),
    ratio,
    target: `≥ ${String(what.atLeast)} × requests/s`,
    met: ratio >= what.atLeast,
  };
};
