import { parentPort } from 'node:worker_threads';
import { PlatformError, messageOf } from '#runtime';
import { onnxruntime } from './onnxruntime.js';
import { openSession, type OnnxSession } from './open-session.js';
import type { WorkerReply, WorkerRequest } from './worker-messages.js';
import type { Tensor } from '../tensor.js';

/**
 * The thread behind `ModelWorker`: holds one session, off the thread that holds the sockets. An error outside of a request is not caught:
 * it ends the thread, and the other side reports the worker lost.
 */
const port = parentPort;
if (port === null) throw new Error('session-worker is started as a worker thread by ModelWorker.');

let session: OnnxSession | undefined;

const reply = (message: WorkerReply, moved: ArrayBuffer[] = []): void => {
  port.postMessage(message, moved);
};

const load = async (id: number, bytes: Uint8Array): Promise<void> => {
  if (session !== undefined) throw new PlatformError('CONFLICT', 'This worker already holds a model.');
  session = await openSession(bytes);
  reply({ kind: 'loaded', id, inputs: session.inputs, outputs: session.outputs });
};

const run = async (request: WorkerRequest & { kind: 'run' }): Promise<void> => {
  if (session === undefined) throw new PlatformError('MODEL_NOT_READY', 'This worker holds no model yet.');
  const outputs = await session.run(request.inputs, request.outputNames);
  reply({ kind: 'answered', id: request.id, outputs }, buffersOf(outputs));
};

/** Buffers to be moved instead of copied: each once, and only where the tensor is all that lives in it. */
const buffersOf = (tensors: readonly Tensor[]): ArrayBuffer[] => {
  const buffers = new Set<ArrayBuffer>();
  for (const { data } of tensors)
    if (!Array.isArray(data) && data.buffer instanceof ArrayBuffer && data.byteLength === data.buffer.byteLength)
      buffers.add(data.buffer);
  return [...buffers];
};

const close = async (): Promise<void> => {
  await session?.release();
  port.close();
};

const work = async (request: WorkerRequest): Promise<void> => {
  if (request.kind === 'close') {
    await close();
    return;
  }
  try {
    await (request.kind === 'load' ? load(request.id, request.bytes) : run(request));
  } catch (error) {
    const { code, detail } =
      error instanceof PlatformError ? error : { code: 'INTERNAL' as const, detail: messageOf(error) };
    reply({ kind: 'failed', id: request.id, code, detail });
  }
};

const known = (message: unknown): message is WorkerRequest =>
  typeof message === 'object' &&
  message !== null &&
  'kind' in message &&
  ['load', 'run', 'close'].includes(String(message.kind));

onnxruntime();
let last: Promise<void> = Promise.resolve();
port.on('message', (message: unknown) => {
  if (!known(message)) throw new Error('The session worker does not know this request.');
  last = last.then(() => work(message));
});
reply({ kind: 'ready' });
