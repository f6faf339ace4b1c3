import { parentPort, workerData } from 'node:worker_threads';
import { learningWork } from './core/learning/learning-work.js';
import type { ThreadOrder } from './outbound/learning/worker-threads.js';

/** A thread of a fit: does the work it was started with, sends each result, and ends. */
const { work, input } = workerData as ThreadOrder;

/** Arrays with memory of their own are handed over; a result is an object that holds some, at most two levels deep. */
const buffersOf = (result: object): ArrayBuffer[] =>
  Object.values(result).flatMap((value: unknown) => {
    if (ArrayBuffer.isView(value)) return value.buffer instanceof ArrayBuffer ? [value.buffer] : [];
    return typeof value === 'object' && value !== null ? buffersOf(value) : [];
  });

(learningWork[work] as (input: unknown, tell: (result: object) => void) => void)(input, (result) => {
  parentPort?.postMessage(result, buffersOf(result));
});
