import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { PlatformError } from '#runtime';
import type { FetchedData } from '../../core/data-sources.js';
import { formatOf, HEAD_BYTES } from './format.js';

export interface FetchLimits {
  maxBytes: number;
  timeoutMs: number;
  signal: AbortSignal;
}

/**
 * Writes a stream to a file in `folder` that is named by its format, whole or not at all.
 * @throws PlatformError DATASET_INVALID past the limit and for what is no table; errors of the stream pass.
 */
export const copyLimited = async (
  from: Readable,
  folder: string,
  { maxBytes, signal }: FetchLimits,
): Promise<FetchedData> => {
  const path = join(folder, 'data.part');
  const hash = createHash('sha256');
  let head = Buffer.alloc(0);
  let sizeBytes = 0;
  const measured = new Transform({
    transform(chunk: Buffer, _, done) {
      sizeBytes += chunk.byteLength;
      if (head.length < HEAD_BYTES) head = Buffer.concat([head, chunk.subarray(0, HEAD_BYTES)]);
      hash.update(chunk);
      if (sizeBytes > maxBytes) done(tooLarge(maxBytes));
      else done(null, chunk);
    },
  });
  try {
    await pipeline(from, measured, createWriteStream(path), { signal });
    const format = formatOf(head);
    const named = join(folder, `data.${format}`);
    await rename(path, named);
    return { path: named, format, sha256: hash.digest('hex'), sizeBytes };
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
