import type { ErrorCode, TensorSpec } from '#contracts';
import type { Tensor } from '../tensor.js';

/** What `ModelWorker` asks of its thread. Requests are worked on one after the other, in this order. */
export type WorkerRequest =
  | { kind: 'load'; id: number; bytes: Uint8Array }
  | { kind: 'run'; id: number; inputs: readonly Tensor[]; outputNames: readonly string[] | undefined }
  | { kind: 'close' };

/** What the thread says: once `ready`, then one answer for each id. */
export type WorkerReply =
  | { kind: 'ready' }
  | { kind: 'loaded'; id: number; inputs: readonly TensorSpec[]; outputs: readonly TensorSpec[] }
  | { kind: 'answered'; id: number; outputs: Tensor[] }
  | { kind: 'failed'; id: number; code: ErrorCode; detail: string };
