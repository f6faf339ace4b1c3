import { parentPort, workerData } from 'node:worker_threads';
import { artifactStoreFrom } from '#artifacts/settings';
import { JsonLogger, messageOf } from '#runtime';
import { DownloadModel } from './core/download-model.js';
import { StepFailed } from './core/step-failed.js';
import { DiskModelFiles } from './outbound/disk-model-files.js';
import type { FetchOrder, FetchQuestion, FetchReply, FetchRequest } from './outbound/fetch-messages.js';
import { stayBehind } from './outbound/stay-behind.js';

/** The thread behind `ThreadedSource`: disk and store, off the thread that holds the sockets, and behind it when cores are scarce. */
const { settings } = workerData as FetchOrder;
const port = parentPort;
if (port === null) throw new Error('fetch-thread is started as a worker thread by ThreadedSource.');

const logger = new JsonLogger('predictor', settings.LOG_LEVEL);
const files = new DiskModelFiles(settings.PREDICTOR_CACHE_DIR, logger);
const source = new DownloadModel(artifactStoreFrom(settings), files, logger);
const downloads = new Map<number, AbortController>();

const say = (reply: FetchReply, moved: ArrayBuffer[] = []): void => {
  port.postMessage(reply, moved);
};

const read = async ({ id, artifact }: FetchQuestion): Promise<void> => {
  const bytes = await source.read(artifact);
  say({ kind: 'read', id, bytes }, bytes && [bytes.buffer]);
};

const download = async ({ id, artifact }: FetchQuestion): Promise<void> => {
  const abort = new AbortController();
  downloads.set(id, abort);
  try {
    const { bytes, kept } = await source.download(artifact, abort.signal);
    say({ kind: 'downloaded', id, bytes }, [bytes.buffer]);
    void kept.then(() => {
      say({ kind: 'kept', id });
    });
  } finally {
    downloads.delete(id);
  }
};

/** An error with those behind it, as it would stand in a log. */
const told = (error: unknown): string | undefined => {
  if (!(error instanceof Error)) return undefined;
  const cause = told(error.cause);
  return `${error.stack ?? messageOf(error)}${cause === undefined ? '' : `\nCaused by ${cause}`}`;
};

stayBehind();

port.on('message', (request: FetchRequest) => {
  if (request.kind === 'stop') {
    downloads.get(request.id)?.abort();
    return;
  }
  const work = request.kind === 'read' ? read(request) : download(request);
  work.catch((error: unknown) => {
    const { step, reason, cause } =
      error instanceof StepFailed ? error : new StepFailed('fetch', messageOf(error), error);
    say({ kind: 'failed', id: request.id, step, reason, cause: told(cause) });
  });
});
say({ kind: 'ready' });
