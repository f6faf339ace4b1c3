import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { PlatformError } from '#runtime';

export interface FetchLimits {
  maxBytes: number;
  timeoutMs: number;
  signal: AbortSignal;
}

/**
 * Writes a stream to `folder/data.csv`, whole or not at all.
 * @throws PlatformError DATASET_INVALID past the limit; errors of the stream pass.
 */
export const copyLimited = async (
  from: Readable,
  folder: string,
  { maxBytes, signal }: FetchLimits,
): Promise<string> => {
  const path = join(folder, 'data.csv');
  let seen = 0;
  const limit = new Transform({
    transform(chunk: Buffer, _, done) {
      seen += chunk.byteLength;
      if (seen > maxBytes) done(tooLarge(maxBytes));
      else done(null, chunk);
    },
  });
  try {
    await pipeline(from, limit, createWriteStream(path), { signal });
    return path;
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
};

export const tooLarge = (maxBytes: number): PlatformError =>
  new PlatformError(
    'DATASET_INVALID',
    `The data set is larger than ${String(maxBytes)} bytes; give a smaller one, or raise TRAINER_MAX_DATASET_BYTES.`,
  );
