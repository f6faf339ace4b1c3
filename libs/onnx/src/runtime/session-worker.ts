import { parentPort } from 'node:worker_threads';
import { PlatformError, messageOf } from '#runtime';
import { writeModel } from '../write-model.js';
import { buffersOf } from './buffers-of.js';
import { onnxruntime } from './onnxruntime.js';
import { openSession, type OnnxSession } from './open-session.js';
import { ThreadPriority } from './thread-priority.js';
import type { WorkerQuestion, WorkerReply, WorkerRequest } from './worker-messages.js';

/**
 * The thread behind `SessionThread`: holds sessions, off the thread that holds the sockets. An error outside of a request is not caught:
 * it ends the thread, and the other side reports the worker lost.
 */
const port = parentPort;
if (port === null) throw new Error('session-worker is started as a worker thread by SessionThread.');

const sessions = new Map<number, OnnxSession>();
const priority = new ThreadPriority();

const open = async ({ id, session, bytes }: WorkerRequest & { kind: 'open' }): Promise<WorkerReply> => {
  const opened = await openSession(bytes);
  // The file is in the session; what came over need not wait for a collector that has little to do here.
  if (bytes.buffer instanceof ArrayBuffer) bytes.buffer.transfer(0);
  sessions.set(session, opened);
  const { inputs, outputs, isRowWise } = opened;
  return { kind: 'opened', id, inputs, outputs, isRowWise };
};

const run = async (request: WorkerRequest & { kind: 'run' }): Promise<WorkerReply> => {
  const session = sessions.get(request.session);
  if (session === undefined) throw new PlatformError('MODEL_NOT_READY', 'The model has been unloaded.');
  const startMs = performance.now();
  const outputs = await session.run(request.inputs, request.outputNames);
  return { kind: 'answered', id: request.id, outputs, tookMs: performance.now() - startMs };
};

const release = async ({ id, session }: WorkerRequest & { kind: 'release' }): Promise<WorkerReply> => {
  const released = sessions.get(session);
  sessions.delete(session);
  await released?.release();
  return { kind: 'released', id };
};

const close = async (): Promise<void> => {
  for (const session of sessions.values()) await session.release();
  port.close();
};

const answerOf = async (request: WorkerQuestion): Promise<WorkerReply> => {
  try {
    if (request.kind === 'run') return await run(request);
    return await (request.kind === 'open' ? open(request) : release(request));
  } catch (error) {
    const { code, detail } =
      error instanceof PlatformError ? error : { code: 'INTERNAL' as const, detail: messageOf(error) };
    return { kind: 'failed', id: request.id, code, detail };
  }
};

const work = async (request: WorkerRequest): Promise<void> => {
  if (request.kind === 'close') {
    await close();
    return;
  }
  if (request.kind === 'step-back') {
    priority.stepBack(request.back);
    return;
  }
  const answer = await answerOf(request);
  port.postMessage(answer, answer.kind === 'answered' ? buffersOf(answer.outputs) : []);
};

const known = (message: unknown): message is WorkerRequest =>
  typeof message === 'object' &&
  message !== null &&
  'kind' in message &&
  ['open', 'run', 'release', 'step-back', 'close'].includes(String(message.kind));

/** The first model of a thread takes it some forty milliseconds more than the next: paid before anybody waits for it. */
const warmUp = async (): Promise<void> => {
  const [x, y] = ['x', 'y'].map((name) => ({ name, datatype: 'FP32' as const, shape: [-1, 2] }));
  const nodes = [{ op: 'Identity', inputs: ['x'], outputs: ['y'] }];
  const session = await openSession(writeModel({ name: 'warm-up', inputs: [x], outputs: [y], nodes }));
  await session.run([{ ...x, shape: [1, 2], data: new Float32Array(2) }]);
  await session.release();
};

onnxruntime();
let last: Promise<void> = warmUp();
port.on('message', (message: unknown) => {
  if (!known(message)) throw new Error('The session worker does not know this request.');
  last = last.then(() => work(message));
});
await last;
port.postMessage({ kind: 'ready' } satisfies WorkerReply);
