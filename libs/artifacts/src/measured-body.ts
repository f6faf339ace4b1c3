import { createHash, type Hash } from 'node:crypto';
import { PlatformError, messageOf } from '#runtime';
import type { StoredArtifact } from './artifact-store.js';

/** A body on its way into a store: passes the bytes on, once, and knows their number and digest when all have passed. */
export class MeasuredBody {
  private readonly hash: Hash | undefined;
  private sizeBytes = 0;
  /** What went wrong with the body itself, if something did: the sender's fault, not the store's. */
  fault: Error | undefined;

  constructor(
    private readonly body: AsyncIterable<Uint8Array> | Uint8Array,
    private readonly announcedBytes?: number,
    { digest = true }: { digest?: boolean } = {},
  ) {
    this.hash = digest ? createHash('sha256') : undefined;
  }

  /**
   * The bytes in chunks. An error of the body is passed on as it is.
   * @throws PlatformError REQUEST_INVALID when their number is not the one announced: a cut connection must not leave half a model
   */
  async *chunks(): AsyncGenerator<Buffer> {
    try {
      yield* this.counted();
    } catch (error) {
      this.fault = error instanceof Error ? error : new Error(messageOf(error));
      throw this.fault;
    }
  }

  /** To be called once, after the last chunk. The digest is empty when none was wanted. */
  stored(): StoredArtifact {
    return { sizeBytes: this.sizeBytes, sha256: this.hash?.digest('hex') ?? '' };
  }

  private async *counted(): AsyncGenerator<Buffer> {
    for await (const chunk of this.source()) {
      this.hash?.update(chunk);
      this.sizeBytes += chunk.length;
      // Told before it is passed on: whoever was promised a number of bytes must never get more.
      if (this.announcedBytes !== undefined && this.sizeBytes > this.announcedBytes)
        throw this.miscounted('or more came');
      yield chunk;
    }
    if (this.announcedBytes !== undefined && this.announcedBytes !== this.sizeBytes) throw this.miscounted('came');
  }

  private miscounted(came: string): PlatformError {
    return new PlatformError(
      'REQUEST_INVALID',
      `${String(this.announcedBytes)} bytes were announced, ${String(this.sizeBytes)} ${came}.`,
    );
  }

  private async *source(): AsyncGenerator<Buffer> {
    if (this.body instanceof Uint8Array) {
      yield Buffer.from(this.body.buffer, this.body.byteOffset, this.body.byteLength);
      return;
    }
    for await (const chunk of this.body as AsyncIterable<Uint8Array | string>)
      yield typeof chunk === 'string'
        ? Buffer.from(chunk)
        : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  }
}
