import type { ModelPromoted } from '#contracts';
import type { Metrics, MetricSpec } from '#runtime';
import { Measurements } from './core/measurements.js';
import type { Step } from './core/step-failed.js';

const REQUESTS = 'baton_predictor_requests_total';
const REQUEST_SECONDS = 'baton_predictor_request_seconds';
const SWAP_SECONDS = 'baton_predictor_swap_seconds';
const SWAP_FAILURES = 'baton_predictor_swap_failures_total';
const PROMOTION_TO_SERVING = 'baton_promotion_to_serving_seconds';
const ACTIVE = 'baton_predictor_active_generation';
const TARGET = 'baton_predictor_target_generation';

const swapBuckets = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

export const predictorMetrics: readonly MetricSpec[] = [
  {
    name: REQUESTS,
    kind: 'counter',
    help: 'Prediction requests; outcome is ok or an error code.',
    labels: ['model', 'version', 'outcome'],
  },
  {
    name: REQUEST_SECONDS,
    kind: 'histogram',
    help: 'From accepting a prediction request to its answer.',
    labels: ['model', 'version'],
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
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

/** The core's measurements under the names that Prometheus reads. */
export class PredictorMetrics extends Measurements {
  constructor(private readonly metrics: Metrics) {
    super();
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

  answered({ model, version }: ModelPromoted, outcome: string, tookMs: number): void {
    this.metrics.count(REQUESTS, { model, version: String(version), outcome });
    if (outcome === 'ok') this.metrics.observe(REQUEST_SECONDS, tookMs / 1000, { model, version: String(version) });
  }
}
