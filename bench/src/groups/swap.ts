import type { Promotion } from '../answers-in-order.js';
import type { Bench } from '../bench.js';
import type { Figure } from '../figure.js';
import type { TrafficSeen } from '../load/traffic/traffic-plan.js';
import { coresInWords } from '../servers/pinned.js';
import { median, quantile, rateOf, summarise, type Round } from '../statistics.js';
import { AlternatingVersions } from './alternating-versions.js';
import { GRPC, HTTP, SwapLoad } from './swap-load.js';
import { mustBeClean, together, within } from './traffic-figures.js';

/**
 * Rest and swapping are measured in so many short turns, side by side: whatever else the machine does for a tenth of a second is then
 * in few of them, and their median tells of the swaps.
 */
const TURNS = 40;
const REST_SECONDS = 2;
const P99_TIMES = 1.5;
/** From one promotion to the next: many times as often as anyone promotes, and a pause in which to see what a swap leaves behind. */
const EVERY_MS = 500;
/** The old version has drained and its session is released by then. */
const DRAINED_MS = 100;
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

  const busy = await load.until([], () => versions.times(count, 0));
  const loads = (await versions.predictor.metric(LOADS)) - loadsBefore;
  const swapsMs = versions.swapsMs.splice(0).slice(1);

  const half = saturated.map((perSecond) => perSecond / 2);
  const turns: Turn[] = [];
  for (let turn = 0; turn < TURNS; turn++) {
    const calm = await load.during(half, REST_SECONDS);
    const first = versions.promotions.length;
    const swapping = await load.until(half, () => versions.times(Math.ceil(count / TURNS), EVERY_MS));
    turns.push({ calm, swapping, promotions: versions.promotions.slice(first) });
  }
  const faults = load.faultsOf(turns.flatMap(({ calm, swapping }) => [...calm, ...swapping]));
  return [
    restFigure(together(rest), saturated, bench),
    busyFigure(together(busy), { faults: load.faultsOf(busy), loads, count, swapsMs }),
    ...calmFigures(turns, { faults, swapsMs: versions.swapsMs }),
  ];
};

interface Turn {
  calm: TrafficSeen[];
  swapping: TrafficSeen[];
  promotions: Promotion[];
}

const swapsInWords = (swapsMs: number[]): string =>
  `promotion asked for → seen to serve p50 ${quantile(swapsMs, 0.5).toFixed(0)} ms, p99 ${quantile(swapsMs, 0.99).toFixed(0)} ms, of 8 MB each`;

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

/** Judged by the requests sent while a swap went on; those in between, which would dilute them, are in the second figure only. */
const calmFigures = (turns: Turn[], { faults, swapsMs }: Outcome): Figure[] => {
  const calm = turns.map((turn) => together(turn.calm));
  const meanwhile = turns.map(({ swapping, promotions }) =>
    within(
      swapping,
      promotions.map(({ askedAtMs, servingAtMs }) => ({ fromMs: askedAtMs, toMs: servingAtMs + DRAINED_MS })),
    ),
  );
  const common = { theirs: summarise(calm), against: 'itself at rest, same rate' };
  const figure = (name: string, rounds: Round[], more: { target: string; notes: string }): Figure => {
    const ours = summarise(rounds);
    const ratios = rounds.map((round, at) => p99(round) / p99(calm[at]));
    const notes = `the ratio is of the p99, the median of the turns ${ratios.map((ratio) => ratio.toFixed(2)).join(', ')}; ${more.notes}`;
    return { group: 'swap', name, ours, ...common, ratio: median(ratios), ...more, notes };
  };
  const during = figure('half that rate, requests sent during a swap', meanwhile, {
    target: `p99 ≤ ${String(P99_TIMES)} × that at rest; nothing failed, wrong or out of order`,
    notes: [
      ...faults,
      `a promotion every ${String(EVERY_MS)} ms; during a swap is from asking for it until ${String(DRAINED_MS)} ms after it was seen to serve`,
      swapsInWords(swapsMs),
    ].join('; '),
  });
  const met = (during.ratio ?? Number.POSITIVE_INFINITY) <= P99_TIMES && faults.length === 0;
  const all = turns.map(({ swapping }) => together(swapping));
  return [
    { ...during, met },
    figure('half that rate, all requests of that time', all, { target: 'reported', notes: 'with those in between' }),
  ];
};

const p99 = ({ latenciesMs }: Round): number => quantile(latenciesMs, 0.99);
