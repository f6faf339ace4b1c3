import type { TrafficPlan } from './traffic-plan.js';

/** What a server said to one request. */
export interface Answered {
  version: string;
  /** The bytes of the output, as it lies in memory: little-endian FP32. */
  bytes: Uint8Array;
}

/** One connection. */
export interface Caller {
  /** Asks a model for the rows of this request. @throws Error when it is not answered, or by an error. */
  call(model: string, request: number): Promise<Answered>;
  close(): void;
}

export const requestCount = ({ features, rows, input }: TrafficPlan): number =>
  features.length / (rows * input.columns);

export const featuresOf = ({ features, rows, input }: TrafficPlan, request: number): Float32Array => {
  const size = rows * input.columns;
  return features.subarray(request * size, (request + 1) * size);
};

export const bytesOf = (values: Float32Array): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
