import type { ModelPromoted } from '#contracts';
import type { Clock, Distribution, Metrics, MetricSpec, Sample } from '#runtime';
import { Measurements, type Which } from './core/measurements.js';
import type { ModelDirectory } from './core/model-directory.js';
import type { ServedVersion } from './core/serving-slot.js';
import type { Step } from './core/step-failed.js';
import { AllFigures, type Ran, type VersionFigures } from './core/version-figures.js';

const SWAP_SECONDS = 'baton_predictor_swap_seconds';
const SWAP_FAILURES = 'baton_predictor_swap_failures_total';
const LOADS = 'baton_predictor_loads_total';
const PROMOTION_TO_SERVING = 'baton_promotion_to_serving_seconds';
const ACTIVE = 'baton_predictor_active_generation';
const TARGET = 'baton_predictor_target_generation';
const REFUSED = 'baton_predictor_refused_requests_total';
const PENDING = 'baton_predictor_pending_requests';
const TRITON_PENDING = 'nv_inference_pending_request_count';

const swapBuckets = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];
const ofVersion = ['model', 'version'] as const;

/** A metric that is read out of the figures of each version. */
interface Followed extends MetricSpec {
  followed: true;
  read: (figures: VersionFigures) => { value: number | Distribution; more?: Record<string, string> }[];
}

const microseconds = (seconds: number): number => Math.round(seconds * 1e6);
const one = (value: number | Distribution): { value: number | Distribution }[] => [{ value }];

const counter = (
  name: string,
  help: string,
  read: Followed['read'],
  labels: readonly string[] = ofVersion,
): Followed => ({ name, help, kind: 'counter', labels, followed: true, read });

const histogram = (name: string, help: string, read: (figures: VersionFigures) => Distribution): Followed => ({
  name,
  help,
  kind: 'histogram',
  labels: ofVersion,
  followed: true,
  read: (figures) => one(read(figures)),
});

/** Names of our own: seconds, and a reason for each failure. */
const ours: readonly Followed[] = [
  counter(
    'baton_predictor_requests_total',
    'Prediction requests; outcome is ok or an error code.',
    ({ outcomes }) => [...outcomes].map(([outcome, value]) => ({ value, more: { outcome } })),
    [...ofVersion, 'outcome'],
  ),
  histogram(
    'baton_predictor_request_seconds',
    'From accepting a prediction request to its answer; of those that got one.',
    ({ answering }) => answering,
  ),
  histogram(
    'baton_predictor_queue_seconds',
    'From the queue to the begin of the run, per request.',
    ({ waiting }) => waiting,
  ),
  histogram(
    'baton_predictor_compute_seconds',
    'One run of a session, whatever the number of requests in it.',
    ({ computing }) => computing,
  ),
  counter('baton_predictor_rows_total', 'Rows that were run.', ({ rows }) => one(rows)),
  counter('baton_predictor_batches_total', 'Runs of a session; rows / batches is the mean batch.', ({ batches }) =>
    one(batches),
  ),
];

/** Words of Triton for why a request failed. */
const tritonReason: Partial<Record<string, string>> = {
  QUEUE_FULL: 'REJECTED',
  ANSWER_TIMED_OUT: 'REJECTED',
  CLIENT_GONE: 'CANCELED',
  WORKER_LOST: 'BACKEND',
  INTERNAL: 'BACKEND',
};

const failures = ({ outcomes }: VersionFigures): { value: number; more: { reason: string } }[] => {
  const counts = new Map(['REJECTED', 'CANCELED', 'BACKEND', 'OTHER'].map((reason) => [reason, 0]));
  for (const [outcome, count] of outcomes) {
    if (outcome === 'ok') continue;
    const reason = tritonReason[outcome] ?? 'OTHER';
    counts.set(reason, (counts.get(reason) ?? 0) + count);
  }
  return [...counts].map(([reason, value]) => ({ value, more: { reason } }));
};

/** What dashboards and autoscalers made for Triton look for, with its units. */
const likeTriton: readonly Followed[] = [
  counter('nv_inference_request_success', 'Requests that were answered.', ({ succeeded }) => one(succeeded)),
  counter('nv_inference_request_failure', 'Requests that failed, by reason.', failures, [...ofVersion, 'reason']),
  counter('nv_inference_count', 'Rows that were run; a request of n rows counts n.', ({ rows }) => one(rows)),
  counter('nv_inference_exec_count', 'Runs of a session.', ({ batches }) => one(batches)),
  counter('nv_inference_request_duration_us', 'Microseconds from accepting requests to their end.', (figures) =>
    one(microseconds(figures.answering.sum + figures.failingSeconds)),
  ),
  counter('nv_inference_queue_duration_us', 'Microseconds that requests waited for a session.', ({ waiting }) =>
    one(microseconds(waiting.sum)),
  ),
  counter('nv_inference_compute_infer_duration_us', 'Microseconds in runs of a session.', ({ computing }) =>
    one(microseconds(computing.sum)),
  ),
  {
    name: 'nv_model_load_duration_secs',
    help: 'Seconds that the last load took: fetch, check, session, warm-up.',
    kind: 'gauge',
    labels: ofVersion,
    followed: true,
    read: ({ loadSeconds }) => (loadSeconds === undefined ? [] : one(loadSeconds)),
  },
];

const followed = [...ours, ...likeTriton];

/** Every metric of the predictor beside those of the process. */
export const predictorMetrics: readonly MetricSpec[] = [
  ...followed,
  ...[
    [PENDING, 'Requests that have no answer yet.'] as const,
    [TRITON_PENDING, 'Requests that have no answer yet.'] as const,
  ].map(([name, help]): MetricSpec => ({ name, help, kind: 'gauge', labels: ofVersion, followed: true })),
  {
    name: REFUSED,
    kind: 'counter',
    help: 'Prediction requests that no version took (no such model or version, none ready), by error code.',
    labels: ['outcome'],
  },
  {
    name: SWAP_SECONDS,
    kind: 'histogram',
    help: 'From hearing of a promotion to serving it.',
    labels: ['model'],
    buckets: swapBuckets,
  },
  {
    name: SWAP_FAILURES,
    kind: 'counter',
    help: 'Loads that failed, by the step at which they did.',
    labels: ['model', 'step'],
  },
  { name: LOADS, kind: 'counter', help: 'Loads that ended well.', labels: ['model'] },
  {
    name: PROMOTION_TO_SERVING,
    kind: 'histogram',
    help: 'From the promotion in the registry to serving it here; only promotions heard while running.',
    labels: ['model'],
    buckets: swapBuckets,
  },
  { name: ACTIVE, kind: 'gauge', help: 'Generation that serves; 0 for none.', labels: ['model'] },
  { name: TARGET, kind: 'gauge', help: 'Generation that should serve; 0 for none.', labels: ['model'] },
];

/** How many requests wait for each version, asked when somebody looks. */
export type Pending = () => Iterable<Which & { pending: number }>;

/**
 * The core's measurements under the names that Prometheus reads. What happens per request is counted in plain numbers and
 * gets its names when it is looked at: naming it at once would cost more than the request.
 */
export class PredictorMetrics extends Measurements {
  private readonly figures = new AllFigures();

  constructor(
    private readonly metrics: Metrics,
    private readonly clock: Clock,
  ) {
    super();
    for (const { name, read } of followed) metrics.follow(name, () => this.samples(read));
  }

  generations(model: string, active: number, target: number): void {
    this.metrics.gauge(ACTIVE, active, { model });
    this.metrics.gauge(TARGET, target, { model });
  }

  swapped({ model }: ModelPromoted, swapMs: number, sincePromotionMs?: number): void {
    this.metrics.observe(SWAP_SECONDS, swapMs / 1000, { model });
    if (sincePromotionMs !== undefined) this.metrics.observe(PROMOTION_TO_SERVING, sincePromotionMs / 1000, { model });
  }

  failed(model: string, step: Step): void {
    this.metrics.count(SWAP_FAILURES, { model, step });
  }

  loaded({ model, version }: Which, tookMs: number): void {
    this.metrics.count(LOADS, { model });
    this.figures.of(model, version).loadSeconds = tookMs / 1000;
  }

  answered({ model, version }: Which, outcome: string, tookMs: number): void {
    this.figures.of(model, version).answered(outcome, tookMs, this.clock.now());
  }

  refused(outcome: string): void {
    this.metrics.count(REFUSED, { outcome });
  }

  ran({ model, version }: Which, run: Ran): void {
    this.figures.of(model, version).ran(run);
  }

  figuresOf(model: string, version: number): VersionFigures | undefined {
    return this.figures.find(model, version);
  }

  /** What waits is known by those who hold the models. */
  watch(pending: Pending): void {
    const read = function* (): Iterable<Sample> {
      for (const { model, version, pending: value } of pending())
        yield { labels: { model, version: String(version) }, value };
    };
    for (const name of [PENDING, TRITON_PENDING]) this.metrics.follow(name, read);
  }

  private *samples(read: Followed['read']): Iterable<Sample> {
    for (const figures of this.figures.all())
      for (const { value, more } of read(figures))
        yield { labels: { model: figures.model, version: String(figures.version), ...more }, value };
  }
}

/** Shows what waits for each version in memory, one that drains or is pinned included, and nothing of those that are gone. */
export class WatchedQueues {
  constructor(
    private readonly metrics: PredictorMetrics,
    private readonly directory: ModelDirectory,
  ) {}

  onModuleInit(): void {
    this.metrics.watch(() => pendingOf(this.directory.loaded()));
  }
}

/** A version may be in memory more than once: what drains of it counts with what serves. */
const pendingOf = (loaded: readonly ServedVersion[]): Iterable<Which & { pending: number }> => {
  const sums = new Map<string, Which & { pending: number }>();
  for (const { promoted, model } of loaded) {
    const key = `${promoted.model}/${String(promoted.version)}`;
    const pending = (sums.get(key)?.pending ?? 0) + model.pending;
    sums.set(key, { model: promoted.model, version: promoted.version, pending });
  }
  return sums.values();
};
