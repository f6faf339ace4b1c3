/** One request; what is sent is made while the clock runs, so it is made cheaply. */
export interface LoadRequest {
  method: string;
  path: string;
  body?: string | Uint8Array;
  /** Instead of JSON's. */
  headers?: Record<string, string>;
}

/** Requests of one figure: the `nth` of a client, counted over all rounds, so that nothing is sent twice. */
export type Workload = (given: WorkloadArguments) => (client: number, nth: number) => LoadRequest;

export interface WorkloadArguments {
  /** Runs to write to; client i takes the i-th. */
  runIds?: string[];
  experimentId?: string;
  /** Metrics in a batch. */
  size?: number;
  /** The one request of `same`. */
  request?: LoadRequest;
  /** Those of `rows`. */
  requests?: LoadRequest[];
}

const api = '/api/2.0/mlflow';
const START = 1_700_000_000_000;

/** As a training loop sends: every metric of one step at once. */
const logBatch: Workload = ({ runIds = [], size = 100 }) => {
  const keys = Array.from({ length: size }, (_, index) => `{"key":"metric_${String(index)}","value":`);
  return (client, nth) => {
    const rest = `,"timestamp":${String(START + nth)},"step":${String(nth)}}`;
    const metrics = keys.map((key, index) => `${key}${String((nth + index) / 7)}${rest}`).join(',');
    return {
      method: 'POST',
      path: `${api}/runs/log-batch`,
      body: `{"run_id":"${runIds[client]}","metrics":[${metrics}]}`,
    };
  };
};

/** One metric with a long history: `size` points of one key at a time; clients share the run and take turns. */
const logHistory: Workload = ({ runIds = [], size = 1000 }) => {
  return (client, nth) => {
    const from = (nth * runIds.length + client) * size;
    const points = Array.from({ length: size }, (_, index) => {
      const step = String(from + index);
      return `{"key":"loss","value":${String(1 / (1 + from + index))},"timestamp":${String(START + from + index)},"step":${step}}`;
    });
    return {
      method: 'POST',
      path: `${api}/runs/log-batch`,
      body: `{"run_id":"${runIds[client]}","metrics":[${points.join(',')}]}`,
    };
  };
};

const logMetric: Workload =
  ({ runIds = [] }) =>
  (client, nth) => ({
    method: 'POST',
    path: `${api}/runs/log-metric`,
    body: `{"run_uuid":"${runIds[client]}","run_id":"${runIds[client]}","key":"loss","value":${String(1 / (nth + 1))},"timestamp":${String(START + nth)},"step":${String(nth)}}`,
  });

/** With the tags that `mlflow.start_run()` sends. */
const createRun: Workload =
  ({ experimentId = '0' }) =>
  (client, nth) => ({
    method: 'POST',
    path: `${api}/runs/create`,
    body: `{"experiment_id":"${experimentId}","user_id":"bench","start_time":${String(START + nth)},"tags":[{"key":"mlflow.user","value":"bench"},{"key":"mlflow.source.name","value":"train.py"},{"key":"mlflow.source.type","value":"LOCAL"},{"key":"mlflow.runName","value":"run-${String(client)}-${String(nth)}"}],"run_name":"run-${String(client)}-${String(nth)}"}`,
  });

const same: Workload = ({ request }) => {
  if (request === undefined) throw new Error('The workload "same" needs its request.');
  return () => request;
};

/** Each client goes round all of `requests`, from a place of its own. */
const rows: Workload = ({ requests = [] }) => {
  if (requests.length === 0) throw new Error('The workload "rows" needs its requests.');
  return (client, nth) => requests[(client * 31 + nth) % requests.length];
};

export const workloads = {
  'log-batch': logBatch,
  'log-history': logHistory,
  'log-metric': logMetric,
  'create-run': createRun,
  rows,
  same,
} as const satisfies Record<string, Workload>;
export type WorkloadName = keyof typeof workloads;

/** Their requests are the same objects again and again, so what goes over the wire is made once. */
export const repeating: ReadonlySet<WorkloadName> = new Set(['rows', 'same']);
