import type { Client } from 'minio';
import { chunksOf } from '../gathered.js';
import { SINGLE_PUT_BYTES } from './s3-client.js';
import type { S3Settings } from './s3-settings.js';
import { streamedPut } from './s3-streamed-put.js';

/** Held in memory per upload of unknown size: a part on its way, and one at the beginning that tells whether it is the only one. */
const PART_BYTES = 8 * 1024 * 1024;
/** S3 takes 10,000 parts: they grow, so that a file of any size fits. */
const partBytes = (index: number): number => PART_BYTES * 2 ** Math.floor(index / 1000);
/** Parts of a file that is too large for one PUT; they pass through, so they may be large, and few. */
const STREAMED_PART_BYTES = 1024 * 1024 * 1024;
/** Below this a body is gathered and sent over a kept connection: cheaper than a connection of its own. */
const SMALL_BYTES = 1024 * 1024;

export interface Bucket {
  client: Client;
  settings: S3Settings;
}

/**
 * Streams bytes into one object. Of known size they pass straight through; of unknown size they are gathered into parts:
 * one PUT when they fit into one, else a multipart upload of our own. The client's own upload is not used: it continues any
 * unfinished upload of the same key, whoever began it, and buffers half a gigabyte when the size is unknown.
 * The object changes at the last request only; a failed upload is aborted.
 */
export const uploadStream = async (
  bucket: Bucket,
  object: string,
  chunks: AsyncGenerator<Buffer>,
  sizeBytes: number | undefined,
): Promise<void> => {
  if (sizeBytes === undefined || sizeBytes <= SMALL_BYTES) await uploadGathered(bucket, object, chunks);
  else if (sizeBytes <= SINGLE_PUT_BYTES) await streamedPut(bucket.settings, { object }, chunks, sizeBytes);
  else await uploadInStreamedParts(bucket, object, chunks, sizeBytes);
};

const uploadGathered = async (bucket: Bucket, object: string, chunks: AsyncGenerator<Buffer>): Promise<void> => {
  const parts = chunksOf(chunks, partBytes);
  // Emptied as they are sent: whoever kept the first two would keep them for the whole upload.
  const waiting: Buffer[][] = [];
  const gather = async (): Promise<void> => {
    const { value } = (await parts.next()) as { value: Buffer[] | undefined };
    if (value !== undefined) waiting.push(value);
  };
  await gather();
  await gather();
  if (waiting.length < 2) {
    const bytes = Buffer.concat(waiting.flat());
    await bucket.client.putObject(bucket.settings.bucket, object, bytes, bytes.length);
    return;
  }
  await inParts(bucket, object, async (send) => {
    for (let part = waiting.shift(); part !== undefined; part = waiting.shift()) {
      await send(part, lengthOf(part));
      if (waiting.length === 0) await gather();
    }
  });
};

const uploadInStreamedParts = (
  bucket: Bucket,
  object: string,
  chunks: AsyncGenerator<Buffer>,
  sizeBytes: number,
): Promise<void> =>
  inParts(bucket, object, async (send) => {
    const source = new Cut(chunks);
    for (let left = sizeBytes; left > 0; left -= STREAMED_PART_BYTES) {
      const bytes = Math.min(left, STREAMED_PART_BYTES);
      await send(source.take(bytes), bytes);
    }
    await source.end();
  });

/** A multipart upload whose parts `work` sends one after the other; aborted when it fails. */
const inParts = async (
  { client, settings }: Bucket,
  object: string,
  work: (send: (chunks: AsyncIterable<Buffer> | Buffer[], sizeBytes: number) => Promise<void>) => Promise<void>,
): Promise<void> => {
  const uploadId = await client.initiateNewMultipartUpload(settings.bucket, object, {});
  try {
    const etags: { part: number; etag: string }[] = [];
    await work(async (chunks, sizeBytes) => {
      const part = etags.length + 1;
      const query = { uploadId, partNumber: String(part) };
      const etag = await streamedPut(settings, { object, query }, asyncOf(chunks), sizeBytes);
      etags.push({ part, etag });
    });
    await client.completeMultipartUpload(settings.bucket, object, uploadId, etags);
  } catch (error) {
    await client.abortMultipartUpload(settings.bucket, object, encodeURIComponent(uploadId)).catch(() => undefined);
    throw error;
  }
};

const lengthOf = (chunks: Buffer[]): number => chunks.reduce((sum, { length }) => sum + length, 0);

const asyncOf = async function* (chunks: AsyncIterable<Buffer> | Buffer[]): AsyncGenerator<Buffer> {
  yield* chunks;
};

/** Takes stretches of given length off one source, cutting the chunk in which a stretch ends. */
class Cut {
  private rest: Buffer = Buffer.alloc(0);

  constructor(private readonly source: AsyncGenerator<Buffer>) {}

  async *take(bytes: number): AsyncGenerator<Buffer> {
    for (let left = bytes; left > 0;) {
      if (this.rest.length === 0) {
        // Not `for await`: leaving it would close the source.
        const next = await this.source.next();
        if (next.done === true) return;
        this.rest = next.value;
      }
      const chunk = this.rest.subarray(0, left);
      this.rest = this.rest.subarray(chunk.length);
      left -= chunk.length;
      yield chunk;
    }
  }

  /** Lets the source say that it had fewer or more bytes than it announced. */
  async end(): Promise<void> {
    await this.source.next();
  }
}
