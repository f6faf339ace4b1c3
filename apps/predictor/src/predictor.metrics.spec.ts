import { beforeEach, expect, it } from 'vitest';
import { ManualClock } from '#runtime';
import { PrometheusMetrics } from '#runtime/nest';
import { predictorMetrics, PredictorMetrics } from './predictor.metrics.js';

const iris = { model: 'iris', version: 3 };
let prometheus: PrometheusMetrics;
let metrics: PredictorMetrics;
beforeEach(() => {
  prometheus = new PrometheusMetrics(predictorMetrics);
  metrics = new PredictorMetrics(prometheus, new ManualClock());
});
const lines = async (name: string): Promise<string[]> =>
  (await prometheus.text()).split('\n').filter((line) => line.startsWith(`${name}{`));

it("counts requests by outcome, under our names and by Triton's reasons", async () => {
  for (const outcome of ['ok', 'ok', 'INPUT_INVALID', 'QUEUE_FULL', 'ANSWER_TIMED_OUT', 'CLIENT_GONE', 'WORKER_LOST'])
    metrics.answered(iris, outcome, 2);
  const of = 'model="iris",version="3"';
  expect(await lines('baton_predictor_requests_total')).toEqual([
    `baton_predictor_requests_total{${of},outcome="ok"} 2`,
    ...['INPUT_INVALID', 'QUEUE_FULL', 'ANSWER_TIMED_OUT', 'CLIENT_GONE', 'WORKER_LOST'].map(
      (outcome) => `baton_predictor_requests_total{${of},outcome="${outcome}"} 1`,
    ),
  ]);
  expect(await lines('nv_inference_request_success')).toEqual([`nv_inference_request_success{${of}} 2`]);
  expect(await lines('nv_inference_request_failure')).toEqual([
    `nv_inference_request_failure{${of},reason="REJECTED"} 2`,
    `nv_inference_request_failure{${of},reason="CANCELED"} 1`,
    `nv_inference_request_failure{${of},reason="BACKEND"} 1`,
    `nv_inference_request_failure{${of},reason="OTHER"} 1`,
  ]);
  expect(await lines('nv_inference_request_duration_us')).toEqual([`nv_inference_request_duration_us{${of}} 14000`]);
  expect(await lines('baton_predictor_request_seconds_count')).toEqual([
    `baton_predictor_request_seconds_count{${of}} 2`,
  ]);
});

it('counts rows and batches, and the time they waited and ran', async () => {
  metrics.ran(iris, { requests: 3, rows: 5, waitedMs: [1, 2, 3], computeMs: 4 });
  metrics.ran(iris, { requests: 1, rows: 1, waitedMs: [0], computeMs: 0.5 });
  const value = async (name: string): Promise<string | undefined> => (await lines(name))[0]?.split(' ').at(-1);
  expect(await value('baton_predictor_rows_total')).toBe('6');
  expect(await value('baton_predictor_batches_total')).toBe('2');
  expect(await value('nv_inference_count')).toBe('6');
  expect(await value('nv_inference_exec_count')).toBe('2');
  expect(await value('nv_inference_queue_duration_us')).toBe('6000');
  expect(await value('nv_inference_compute_infer_duration_us')).toBe('4500');
  expect(await value('baton_predictor_queue_seconds_count')).toBe('4');
  expect(await value('baton_predictor_compute_seconds_count')).toBe('2');
});

it('tells how long a load took from the moment a version is loaded, and what waits when it is asked', async () => {
  metrics.loaded(iris, 250);
  expect(await lines('nv_model_load_duration_secs')).toEqual([
    'nv_model_load_duration_secs{model="iris",version="3"} 0.25',
  ]);
  expect(await lines('baton_predictor_loads_total')).toEqual(['baton_predictor_loads_total{model="iris"} 1']);
  expect(await lines('nv_inference_request_success')).toEqual([
    'nv_inference_request_success{model="iris",version="3"} 0',
  ]);
  let pending = 1;
  metrics.watch(() => [{ ...iris, pending }]);
  pending = 7;
  for (const name of ['nv_inference_pending_request_count', 'baton_predictor_pending_requests'])
    expect(await lines(name)).toEqual([`${name}{model="iris",version="3"} 7`]);
});

it('counts what no version took', async () => {
  metrics.refused('MODEL_NOT_FOUND');
  expect(await lines('baton_predictor_refused_requests_total')).toEqual([
    'baton_predictor_refused_requests_total{outcome="MODEL_NOT_FOUND"} 1',
  ]);
});
