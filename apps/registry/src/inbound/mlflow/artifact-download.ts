import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ArtifactStore, ByteRange } from '#artifacts';
import { PlatformError } from '#runtime';
import { rangeOf } from './byte-range.js';
import { attachment } from './content-disposition.js';
import { contentTypeOf } from './content-types.js';
import type { SweptBuffers } from './swept-buffers.js';

/** Answers a GET or HEAD of one file, whole or in part, straight out of the store. */
export class ArtifactDownload {
  constructor(
    private readonly store: ArtifactStore,
    private readonly buffers: SweptBuffers,
  ) {}

  /**
   * @param shown the path as the client asked for it: errors name no other
   * @throws PlatformError ARTIFACT_NOT_FOUND; REQUEST_INVALID for a folder.
   */
  async answer(key: string, shown: string, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    try {
      await this.send(key, request, reply);
    } catch (error) {
      if (!(error instanceof PlatformError && error.code === 'ARTIFACT_NOT_FOUND')) throw error;
      if ((await this.store.list(key)).length > 0)
        throw new PlatformError('REQUEST_INVALID', `Artifact path refers to a directory, not a file: '${shown}'`);
      throw new PlatformError('ARTIFACT_NOT_FOUND', `No such artifact: '${shown}'`, error);
    }
  }

  private async send(key: string, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { range: header } = request.headers;
    // We give no validator that If-Range could name; whoever sends one gets the whole file.
    const partly = header !== undefined && request.headers['if-range'] === undefined;
    const size = partly || request.method === 'HEAD' ? await this.sizeOf(key) : undefined;
    const range = partly && size !== undefined ? rangeOf(header, size) : undefined;
    if (range === 'unsatisfiable') {
      await reply
        .status(416)
        .header('content-range', `bytes */${String(size)}`)
        .send();
      return;
    }
    const { body, sizeBytes } = await this.open(key, range, request.method === 'HEAD' ? size : undefined);
    if (range !== undefined)
      reply.status(206).header('content-range', `bytes ${String(range.start)}-${String(range.end)}/${String(size)}`);
    body.once('close', this.buffers.begin());
    const name = key.slice(key.lastIndexOf('/') + 1);
    await reply
      .header('content-type', contentTypeOf(name))
      .header('content-length', sizeBytes)
      .header('content-disposition', attachment(name))
      .header('accept-ranges', 'bytes')
      .header('x-content-type-options', 'nosniff')
      .send(body);
  }

  /** With a size given only the headers are wanted: an empty stream leaves `content-length` to us. */
  private open(key: string, range: ByteRange | undefined, headOf: number | undefined) {
    if (headOf === undefined) return this.store.get(key, range);
    return { body: Readable.from([]), sizeBytes: range === undefined ? headOf : range.end - range.start + 1 };
  }

  private async sizeOf(key: string): Promise<number> {
    const found = await this.store.stat(key);
    if (found === undefined) throw new PlatformError('ARTIFACT_NOT_FOUND');
    return found.sizeBytes;
  }
}
