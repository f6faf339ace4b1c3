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
  try {
    const { body, sizeBytes } = await bucket(name).get(key);
    if (sizeBytes > limits.maxBytes) {
      body.destroy();
      throw tooLarge(limits.maxBytes);
    }
    return await copyLimited(body, folder, limits);
  } catch (error) {
    if (error instanceof PlatformError && error.code === 'DATASET_INVALID') throw error;
    limits.signal.throwIfAborted();
    throw new PlatformError('DATASET_UNREACHABLE', `${uri} could not be fetched: ${reasonOf(error)}`, error);
  }
};

const reasonOf = (error: unknown): string => (error instanceof PlatformError ? error.detail : messageOf(error));
