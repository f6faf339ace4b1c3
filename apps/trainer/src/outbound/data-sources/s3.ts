import type { Readable } from 'node:stream';
import type { ArtifactStore } from '#artifacts';
import { messageOf, PlatformError } from '#runtime';
import type { FetchedData } from '../../core/data-sources.js';
import { copyLimited, tooLarge, type FetchLimits } from './limited-copy.js';

/** Copies `s3://bucket/key` from the configured S3 server. */
export const fetchObject = async (
  uri: string,
  bucket: ((name: string) => ArtifactStore) | undefined,
  folder: string,
  limits: FetchLimits,
): Promise<FetchedData> => {
  if (bucket === undefined)
    throw new PlatformError('DATASET_INVALID', 's3: data sets need an S3 server: set S3_ENDPOINT at the trainer.');
  const parts = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/(.+)$/i.exec(uri);
  if (parts === null) throw new PlatformError('DATASET_INVALID', `${uri} is not of the form s3://bucket/key.`);
  const [, name, key] = parts;
  const timeout = AbortSignal.timeout(limits.timeoutMs);
  const signal = AbortSignal.any([limits.signal, timeout]);
  try {
    const { body, sizeBytes } = await unlessAborted(bucket(name).get(key), signal);
    if (sizeBytes > limits.maxBytes) {
      body.destroy();
      throw tooLarge(limits.maxBytes);
    }
    return await copyLimited(body, folder, { ...limits, signal });
  } catch (error) {
    if (error instanceof PlatformError && error.code === 'DATASET_INVALID') throw error;
    limits.signal.throwIfAborted();
    // A path that no store takes will not be taken at the next attempt either.
    const code =
      error instanceof PlatformError && error.code === 'REQUEST_INVALID' ? 'DATASET_INVALID' : 'DATASET_UNREACHABLE';
    const why = timeout.aborted ? `not within ${String(limits.timeoutMs)} ms.` : reasonOf(error);
    throw new PlatformError(code, `${uri} could not be fetched: ${why}`, error);
  }
};

/** A store hears no signal: an answer that comes when nobody waits for it any more is let go. */
const unlessAborted = async <T extends { body: Readable }>(asked: Promise<T>, signal: AbortSignal): Promise<T> => {
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => {
    aborted.reject(signal.reason as Error);
  };
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  try {
    return await Promise.race([asked, aborted.promise]);
  } catch (error) {
    asked.then(
      ({ body }) => body.destroy(),
      () => undefined,
    );
    throw error;
  } finally {
    signal.removeEventListener('abort', abort);
  }
};

const reasonOf = (error: unknown): string => (error instanceof PlatformError ? error.detail : messageOf(error));
