import type { Bench } from '../bench.js';
import type { Figure } from '../figure.js';
import type { TrafficSeen } from '../load/traffic/traffic-plan.js';
import { coresInWords } from '../servers/pinned.js';
import { median, quantile, rateOf, summarise, type Round } from '../statistics.js';
import { AlternatingVersions } from './alternating-versions.js';
import { GRPC, HTTP, SwapLoad } from './swap-load.js';
import { mustBeClean, together } from './traffic-figures.js';

/** Rest and swapping are measured in so many turns. */
const TURNS = 4;
const P99_TIMES = 1.5;
const LOADS = 'baton_predictor_swap_seconds_count';

/** Every answer of 64 HTTP and 16 gRPC connections is checked while two versions of an 8 MB model take turns. */
export const measureSwap = async (bench: Bench): Promise<Figure[]> => {
  const versions = await AlternatingVersions.start(bench);
  const load = await SwapLoad.on(bench, versions);
  await load.during([], 1);
  const rest = await load.during([], bench.seconds);
  mustBeClean(rest);
  const saturated = rest.map((seen) => rateOf(together([seen])));
  const loadsBefore = await versions.predictor.metric(LOADS);
  const count = bench.options.promotions;

  const busy = await load.until([], () => versions.times(count));
  const loads = (await versions.predictor.metric(LOADS)) - loadsBefore;
  const swapsMs = versions.swapsMs.splice(0).slice(1);

  const half = saturated.map((perSecond) => perSecond / 2);
  const [calm, swapping]: [TrafficSeen[][], TrafficSeen[][]] = [[], []];
  for (let turn = 0; turn < TURNS; turn++) {
    calm.push(await load.during(half, bench.seconds));
    swapping.push(await load.until(half, () => versions.times(Math.ceil(count / TURNS))));
  }
  return [
    restFigure(together(rest), saturated, bench),
    busyFigure(together(busy), { faults: load.faultsOf(busy), loads, count, swapsMs }),
    calmFigure(calm.map(together), swapping.map(together), {
      faults: load.faultsOf([...calm, ...swapping].flat()),
      swapsMs: versions.swapsMs,
    }),
  ];
};

const swapsInWords = (swapsMs: number[]): string =>
  `promotion asked for → seen to serve p50 ${quantile(swapsMs, 0.5).toFixed(0)} ms, p99 ${quantile(swapsMs, 0.99).toFixed(0)} ms, the next one at once`;

const restFigure = (rest: Round, rates: number[], bench: Bench): Figure => ({
  group: 'swap',
  name: `at rest, ${String(HTTP)} HTTP + ${String(GRPC)} gRPC connections, as fast as answered`,
  ours: summarise([rest]),
  target: 'reported',
  notes: `${rates[0].toFixed(0)}/s by HTTP, half JSON and half binary, and ${rates[1].toFixed(0)}/s by gRPC; every answer is compared to the bit; ${coresInWords(bench.options.cores)}`,
});

interface Outcome {
  faults: string[];
  swapsMs: number[];
}

const busyFigure = (
  busy: Round,
  { faults, loads, count, swapsMs }: Outcome & { loads: number; count: number },
): Figure => ({
  group: 'swap',
  name: `${String(count)} promotions meanwhile`,
  ours: summarise([busy]),
  target: `0 failed, 0 wrong, 0 older after newer, ${String(count)} loads`,
  met: faults.length === 0 && loads === count,
  notes: [...faults, `${String(loads)} loads`, swapsInWords(swapsMs)].join('; '),
});

const calmFigure = (calm: Round[], swapping: Round[], { faults, swapsMs }: Outcome): Figure => {
  const [resting, moving] = [summarise(calm), summarise(swapping)];
  const ratios = swapping.map((round, at) => quantile(round.latenciesMs, 0.99) / quantile(calm[at].latenciesMs, 0.99));
  const ratio = moving.p99Ms / resting.p99Ms;
  return {
    group: 'swap',
    name: 'promotions at half that rate',
    ours: moving,
    theirs: resting,
    against: 'itself at rest, same rate',
    ratio,
    target: `p99 ≤ ${String(P99_TIMES)} × that at rest; nothing failed, wrong or out of order`,
    met: ratio <= P99_TIMES && faults.length === 0,
    notes: [
      ...faults,
      `the ratio is of the p99; by turns ${ratios.map((one) => one.toFixed(2)).join(', ')}, median ${median(ratios).toFixed(2)}`,
      swapsInWords(swapsMs),
    ].join('; '),
  };
};
