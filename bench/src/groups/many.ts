import type { Bench } from '../bench.js';
import type { Figure } from '../figure.js';
import { largeModel } from '../fill/large-model.js';
import { addVersion, createModel, filesAround, promote } from '../fill/registered-version.js';
import type { TrafficSeen } from '../load/traffic/traffic-plan.js';
import { residentMb } from '../servers/memory-watch.js';
import { Platform, type Predictor } from '../servers/platform.js';
import { median, quantile, summarise } from '../statistics.js';
import { SmallForests } from './small-forests.js';
import { failures, mustBeClean, roundOf } from './traffic-figures.js';

const COUNTS = [1, 10, 200];
const WORKERS = [1, 2];
const CLIENTS = 64;
const MOST_MB = 1536;
const LARGE = 'large';
const LARGE_MB = 250;
const MOVES_MS = 20;
const PATIENT = { timeoutMs: 300_000 };
/** More than elsewhere: what the machine itself does beside a single load of 10 s decides about its p99. */
const LARGE_ROUNDS = 7;
/** Each look is a request beside those that are measured. */
const SELDOM = { ...PATIENT, everyMs: 100 };

/** What it costs to serve many models: in time, in memory, and when a large one comes beside them. */
export const measureMany = async (bench: Bench): Promise<Figure[]> => {
  const platform = await Platform.start(bench, { bus: 'postgres', store: 'folder' });
  const forests = await SmallForests.on(bench, platform.registry, Math.max(...COUNTS));
  const figures: Figure[] = [];
  for (const workers of WORKERS)
    for (const count of COUNTS) figures.push(await growing(bench, platform, forests, { workers, count }));
  return [...figures, await besideALargeOne(bench, platform, forests)];
};

interface Size {
  workers: number;
  count: number;
}

const startWith = (platform: Platform, models: string[], workers: number): Promise<Predictor> =>
  platform.startPredictor({ PREDICTOR_MODELS: models.join(','), PREDICTOR_WORKERS: String(workers) });

const growing = async (
  bench: Bench,
  platform: Platform,
  forests: SmallForests,
  { workers, count }: Size,
): Promise<Figure> => {
  const models = forests.names.slice(0, count);
  const began = performance.now();
  const predictor = await startWith(platform, models, workers);
  try {
    for (const model of models) await predictor.serves(model, 1, PATIENT);
    const readySeconds = (performance.now() - began) / 1000;
    const plan = forests.planFor(predictor, models, CLIENTS);
    await forests.traffic.carryOut({ ...plan, seconds: 1 });
    const rounds = [];
    for (let round = 0; round < bench.rounds; round++)
      rounds.push(await forests.traffic.carryOut({ ...plan, seconds: bench.seconds }));
    mustBeClean(rounds);
    const memoryMb = residentMb(predictor.pid);
    const most = count === Math.max(...COUNTS);
    return {
      group: 'many',
      name: `${String(count)} ${count === 1 ? 'model' : 'models'}, ${String(workers)} ${workers === 1 ? 'worker' : 'workers'}`,
      ours: summarise(rounds.map(roundOf)),
      target: most ? `all answer, under ${String(MOST_MB / 1024)} GB` : 'reported',
      ...(most && { met: memoryMb < MOST_MB }),
      notes: `all of them serve ${readySeconds.toFixed(1)} s after the process was started; ${String(memoryMb)} MB of memory (RSS)`,
    };
  } finally {
    await predictor.stop();
  }
};

/** A large model is promoted again and again while the small ones answer at half of what they can. */
const besideALargeOne = async (bench: Bench, platform: Platform, forests: SmallForests): Promise<Figure> => {
  const { registry } = platform;
  await createModel(registry, LARGE);
  const versions: string[] = [];
  for (const megabytes of [LARGE_MB, LARGE_MB + 1])
    versions.push(await addVersion(registry, LARGE, filesAround(largeModel(megabytes))));
  const predictor = await startWith(platform, [...forests.names, LARGE], Math.max(...WORKERS));
  for (const model of forests.names) await predictor.serves(model, 1, PATIENT);
  const { traffic } = forests;
  const plan = forests.planFor(predictor, forests.names, CLIENTS);
  const saturated = await traffic.carryOut({ ...plan, seconds: bench.seconds });
  const paced = { ...plan, perSecond: saturated.latencyMs.length / saturated.seconds / 2 };
  const [rest, loading]: [TrafficSeen[], TrafficSeen[]] = [[], []];
  const loadsMs: number[] = [];
  for (let round = 0; round < LARGE_ROUNDS; round++) {
    rest.push(await traffic.carryOut({ ...paced, seconds: bench.seconds }));
    const going = traffic.carryOut(paced);
    const began = performance.now();
    await promote(registry, LARGE, versions[round % versions.length]);
    await predictor.serves(LARGE, round + 1, SELDOM);
    loadsMs.push(performance.now() - began);
    traffic.stop();
    loading.push(await going);
  }
  const { words } = failures([saturated, ...rest, ...loading]);
  const [ours, theirs] = [summarise(loading.map(roundOf)), summarise(rest.map(roundOf))];
  const movesMs = loading.map(
    (seen, at) => quantile([...seen.latencyMs], 0.99) - quantile([...rest[at].latencyMs], 0.99),
  );
  return {
    group: 'many',
    name: `${String(forests.names.length)} models while one of ${String(LARGE_MB)} MB is loaded`,
    ours,
    theirs,
    against: 'itself at rest, same rate',
    ratio: ours.p99Ms / theirs.p99Ms,
    target: `their p99 moves by < ${String(MOVES_MS)} ms; nothing failed`,
    met: median(movesMs) < MOVES_MS && words === undefined,
    notes: `the p99 moves by ${median(movesMs).toFixed(1)} ms (median of the rounds: ${movesMs.map((ms) => ms.toFixed(1)).join(', ')}); the promotion of the large one serves after ${(median(loadsMs) / 1000).toFixed(1)} s; ${String(residentMb(predictor.pid))} MB of memory (RSS) at the end${words === undefined ? '' : `; ${words}`}`,
  };
};
