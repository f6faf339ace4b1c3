import { randomUUID } from 'node:crypto';
import type { ColumnSpec, PromotionView } from '#contracts';
import type { ArtifactStore } from '#artifacts';
import { limits } from '#onnx';
import { PlatformError } from '#runtime';
import type { AttachServable } from './attach-servable.js';
import type { FreezeModel } from './freeze-model.js';

/** Uploads lie here until they are frozen or refused; what a crash leaves behind is nobody's. */
export const INCOMING = 'incoming';

/** Takes the ONNX file of a version that has none: a file of its own directory, or one that is sent. */
export class ReceiveServable {
  constructor(
    private readonly store: ArtifactStore,
    private readonly freeze: FreezeModel,
    private readonly attach: AttachServable,
  ) {}

  /** @throws PlatformError VERSION_NOT_FOUND, ARTIFACT_NOT_FOUND, MODEL_FILE_INVALID, REQUEST_INVALID, CONFLICT. */
  async fromDirectory(
    wish: { model: string; version: number; columns?: ColumnSpec[] },
    path: string,
  ): Promise<PromotionView | undefined> {
    const { storageLocation } = await this.attach.find(wish.model, wish.version);
    return this.attach.execute(wish.model, wish.version, await this.freeze.fileIn(storageLocation, path, wish.columns));
  }

  /** @throws PlatformError VERSION_NOT_FOUND, MODEL_FILE_INVALID, PAYLOAD_TOO_LARGE, CONFLICT. */
  async fromUpload(
    wish: { model: string; version: number; columns?: ColumnSpec[] },
    body: AsyncIterable<Uint8Array>,
    sizeBytes?: number,
  ): Promise<PromotionView | undefined> {
    if (sizeBytes !== undefined && sizeBytes > limits.sizeBytes) throw tooLarge();
    const { storageLocation } = await this.attach.find(wish.model, wish.version);
    const key = `${INCOMING}/${randomUUID()}`;
    try {
      await this.store.put(key, bounded(body), sizeBytes);
      const frozen = await this.freeze.object(key, storageLocation, wish.columns);
      return await this.attach.execute(wish.model, wish.version, frozen);
    } finally {
      await this.store.remove(key);
    }
  }
}

const bounded = async function* (body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > limits.sizeBytes) throw tooLarge();
    yield chunk;
  }
};

const tooLarge = (): PlatformError =>
  new PlatformError('PAYLOAD_TOO_LARGE', `An ONNX file has at most ${String(limits.sizeBytes)} bytes.`);
