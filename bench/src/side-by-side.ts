import type { Generator } from './load/generator.js';
import type { Plan } from './load/plan.js';
import { opponentOf, type Pair, type Side } from './servers/side.js';
import type { Figure, Group } from './figure.js';
import { pairedRatio, rateOf, summarise, type Round } from './statistics.js';

/** Loads one side for so long. */
export type Player = (seconds: number) => Promise<Round>;

export interface Comparison {
  group: Group;
  name: string;
  /** Rounds of each side, and how long one is. */
  rounds: number;
  seconds: number;
  against: string;
  /** How many times the other's requests per second; unset: reported, nothing to reach. */
  atLeast?: number;
  /** Our p99 is at most this share of the other's. */
  p99AtMost?: number;
  notes?: string;
}

export interface Throughput extends Omit<Comparison, 'against'> {
  clients: number;
  atLeast: number;
  plan: (side: Side) => Pick<Plan, 'workload' | 'given'>;
}

const WARM_UP_SECONDS = 1.5;
/** Steps of the two sides never meet, not even when ours stands for both: what was written already costs nothing. */
const APART = 100_000_000;

/** Plays both in turn: ours, theirs, ours, theirs. */
export const playInTurn = async (players: [Player, Player], what: Comparison): Promise<Figure> => {
  const sides = players.map((play) => ({ play, rounds: [] as Round[] }));
  for (const { play } of sides) await play(Math.min(WARM_UP_SECONDS, what.seconds));
  for (let round = 0; round < what.rounds; round++)
    for (const side of sides) side.rounds.push(await side.play(what.seconds));
  const [ours, theirs] = sides.map(({ rounds }) => rounds);
  const ratio = pairedRatio(ours.map(rateOf), theirs.map(rateOf));
  const [mine, other] = [summarise(ours), summarise(theirs)];
  const { group, name, against, atLeast, p99AtMost, notes } = what;
  return {
    group,
    name,
    ours: mine,
    theirs: other,
    against,
    ratio,
    target: targetOf(what),
    ...(atLeast !== undefined && {
      met: ratio >= atLeast && mine.p99Ms <= other.p99Ms * (p99AtMost ?? Number.POSITIVE_INFINITY),
    }),
    notes,
  };
};

const targetOf = ({ atLeast, p99AtMost }: Comparison): string => {
  if (atLeast === undefined) return 'reported';
  const p99 = p99AtMost === undefined ? '' : ` and p99 ≤ 1/${String(1 / p99AtMost)}`;
  return `≥ ${String(atLeast)} × requests/s${p99}`;
};

/** The generator's clients on one server; requests go on where the round before ended. */
export const clientsOn = (generator: Generator, plan: Omit<Plan, 'from' | 'timeoutMs'>, first = 0): Player => {
  let from = first;
  return async (seconds) => {
    const seen = await generator.load({ ...plan, seconds, from, timeoutMs: 60_000 });
    from += seen.sent;
    return seen;
  };
};

/** Requests per second of registries under the same load. */
export const measureThroughput = (generator: Generator, pair: Pair, what: Throughput): Promise<Figure> => {
  const player = (side: Side, index: number): Player =>
    clientsOn(generator, { url: side.url, clients: what.clients, ...what.plan(side) }, index * APART);
  return playInTurn([player(pair.ours, 0), player(pair.theirs, 1)], { ...what, against: opponentOf(pair) });
};
