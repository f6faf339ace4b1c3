import type { ErrorCode, TensorSpec } from '#contracts';
import type { Tensor } from '../tensor.js';

/** What `SessionThread` asks of its thread. Requests are worked on one after the other, in this order; `session` is the caller's number. */
export type WorkerRequest =
  | { kind: 'open'; id: number; session: number; bytes: Uint8Array }
  | { kind: 'run'; id: number; session: number; inputs: readonly Tensor[]; outputNames: readonly string[] | undefined }
  | { kind: 'release'; id: number; session: number }
  | { kind: 'step-back'; back: boolean }
  | { kind: 'close' };

/** Those that are answered. */
export type WorkerQuestion = Extract<WorkerRequest, { id: number }>;

/** What the thread says: once `ready`, then one answer for each id. */
export type WorkerReply =
  | { kind: 'ready' }
  | { kind: 'opened'; id: number; inputs: readonly TensorSpec[]; outputs: readonly TensorSpec[]; isRowWise: boolean }
  | { kind: 'answered'; id: number; outputs: Tensor[]; tookMs: number }
  | { kind: 'released'; id: number }
  | { kind: 'failed'; id: number; code: ErrorCode; detail: string };
