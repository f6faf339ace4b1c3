import type { Client } from 'minio';

/** Held in memory per upload. Smaller parts would need more than S3's 10,000 for a model of 100 GB. */
const PART_BYTES = 16 * 1024 * 1024;

/**
 * Streams bytes of unknown number into one object: one PUT when they fit into a part, else a multipart upload of its own.
 * The client's own upload is not used: it continues any unfinished upload of the same key, whoever began it, and buffers
 * half a gigabyte when the size is unknown. The object changes at the last request only; a failed upload is aborted.
 */
export const uploadStream = async (
  client: Client,
  bucket: string,
  object: string,
  chunks: AsyncIterable<Buffer>,
): Promise<void> => {
  const parts = partsOf(chunks)[Symbol.asyncIterator]();
  const first = await parts.next();
  const second = await parts.next();
  if (second.done === true) {
    await client.putObject(bucket, object, first.done === true ? Buffer.alloc(0) : first.value);
    return;
  }
  const uploadId = await client.initiateNewMultipartUpload(bucket, object, {});
  try {
    const etags: { part: number; etag: string }[] = [];
    const send = async (bytes: Buffer): Promise<void> => {
      const partNumber = etags.length + 1;
      const { etag } = await client.uploadPart(
        { bucketName: bucket, objectName: object, uploadID: encodeURIComponent(uploadId), partNumber, headers: {} },
        bytes,
      );
      etags.push({ part: partNumber, etag });
    };
    await send(first.value as Buffer);
    await send(second.value);
    for (let part = await parts.next(); part.done !== true; part = await parts.next()) await send(part.value);
    await client.completeMultipartUpload(bucket, object, uploadId, etags);
  } catch (error) {
    await client.abortMultipartUpload(bucket, object, encodeURIComponent(uploadId)).catch(() => undefined);
    throw error;
  }
};

/** Gathers chunks into parts of one size; the last may be smaller. */
const partsOf = async function* (chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, undefined> {
  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  for await (const chunk of chunks) {
    let rest = chunk;
    while (waitingBytes + rest.length >= PART_BYTES) {
      const taken = PART_BYTES - waitingBytes;
      yield Buffer.concat([...waiting, rest.subarray(0, taken)], PART_BYTES);
      rest = rest.subarray(taken);
      [waiting, waitingBytes] = [[], 0];
    }
    if (rest.length > 0) {
      waiting.push(rest);
      waitingBytes += rest.length;
    }
  }
  if (waitingBytes > 0) yield Buffer.concat(waiting, waitingBytes);
  return undefined;
};
