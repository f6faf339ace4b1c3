import type { Bench } from './bench.js';
import type { Figure, Group } from './figure.js';
import type { LoadRequest } from './load/workloads.js';
import { endQueries } from './servers/databases.js';
import { opponentOf, type Pair, type Side } from './servers/side.js';
import { summarise, type Round } from './statistics.js';

export interface Calls {
  group: Group;
  name: string;
  request: (side: Side) => LoadRequest;
  /** When ours is another one. */
  requestOfOurs?: (side: Side) => LoadRequest;
  /** Fails when the answers differ in a field that matters. */
  same?: (ours: unknown, theirs: unknown) => void;
  /** The other's time is at least so many times ours. */
  fasterThan: number;
  p50Ms: number;
  against?: string;
}

/** An answer that takes longer is not waited for. */
const LIMIT_MS = 60_000;
/** The slower side is asked for about so long. */
const BUDGET_MS = 15_000;
const MOST_ROUNDS = 15;
const OUR_CALLS = 30;

/** One call at a time, ours and theirs in turn, their answers compared before any of it counts. */
export const measureCalls = async (bench: Bench, pair: Pair, what: Calls): Promise<Figure> => {
  const ask = async (side: Side, request: LoadRequest, requests: number): Promise<Round & { fault?: string }> =>
    bench.generator.carryOut({
      url: side.url,
      workload: 'same',
      given: { request },
      clients: 1,
      requests,
      from: 0,
      timeoutMs: LIMIT_MS,
    });
  const ourRequest = (what.requestOfOurs ?? what.request)(pair.ours);
  const theirRequest = what.request(pair.theirs);
  const tried = await ask(pair.theirs, theirRequest, 1);
  const silent = tried.fault?.startsWith('No answer') === true;
  if (silent) await endQueries(pair.theirs.databaseUrl);
  else if (tried.fault !== undefined) throw new Error(`${what.name}: ${tried.fault}`);
  else if (what.same !== undefined)
    what.same(await answer(pair.ours, ourRequest), await answer(pair.theirs, theirRequest));

  const rounds = silent ? 1 : Math.min(MOST_ROUNDS, Math.max(3, Math.floor(BUDGET_MS / tried.latenciesMs[0])));
  const [ours, theirs]: [Round[], Round[]] = [[], []];
  const must = async (side: Side, request: LoadRequest, requests: number): Promise<Round> => {
    const round = await ask(side, request, requests);
    if (round.fault !== undefined) throw new Error(`${what.name}: ${round.fault}`);
    return round;
  };
  await must(pair.ours, ourRequest, 3);
  for (let round = 0; round < rounds; round++) {
    ours.push(await must(pair.ours, ourRequest, Math.ceil(OUR_CALLS / rounds)));
    if (!silent) theirs.push(await must(pair.theirs, theirRequest, 1));
  }
  const mine = summarise(ours);
  const ratio = (silent ? LIMIT_MS : summarise(theirs).p50Ms) / mine.p50Ms;
  return {
    group: what.group,
    name: what.name,
    ours: mine,
    theirs: silent ? undefined : summarise(theirs),
    against: what.against ?? opponentOf(pair),
    ratio,
    ratioIsFloor: silent,
    target: `≤ 1/${String(what.fasterThan)} of the time and p50 ≤ ${String(what.p50Ms)} ms`.replace('1/0.5', '2 ×'),
    met: ratio >= what.fasterThan && mine.p50Ms <= what.p50Ms,
    notes: silent ? 'MLflow gave no answer in 60 s, so the answers were not compared' : undefined,
  };
};

const answer = async (side: Side, { method, path, body }: LoadRequest): Promise<unknown> => {
  const response = await fetch(`${side.url}${path}`, { method, body, headers: { 'content-type': 'application/json' } });
  if (response.status !== 200) throw new Error(`${side.name}: ${String(response.status)} ${await response.text()}`);
  return response.json();
};
