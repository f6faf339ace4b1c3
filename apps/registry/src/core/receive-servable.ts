import { randomUUID } from 'node:crypto';
import type { ColumnSpec, PromotionView, TensorSpec } from '#contracts';
import type { ArtifactStore } from '#artifacts';
import { limits } from '#onnx';
import { PlatformError } from '#runtime';
import type { AttachServable, Servable } from './attach-servable.js';
import type { FreezeModel } from './freeze-model.js';

/** Uploads lie here until they are frozen or refused; what a crash leaves behind is nobody's. */
export const INCOMING = 'incoming';

interface Wish {
  model: string;
  version: number;
  columns?: ColumnSpec[];
}

/** Takes the ONNX file of a version that has none: a file of its own directory, or one that is sent. */
export class ReceiveServable {
  constructor(
    private readonly store: ArtifactStore,
    private readonly freeze: FreezeModel,
    private readonly attach: AttachServable,
  ) {}

  /** @throws PlatformError VERSION_NOT_FOUND, ARTIFACT_NOT_FOUND, MODEL_FILE_INVALID, REQUEST_INVALID, CONFLICT. */
  async fromDirectory(wish: Wish, path: string): Promise<PromotionView | undefined> {
    const { storageLocation } = await this.attach.find(wish.model, wish.version);
    const frozen = await this.freeze.fileIn(storageLocation, path, wish.columns);
    return this.take(wish, frozen);
  }

  /** @throws PlatformError VERSION_NOT_FOUND, MODEL_FILE_INVALID, PAYLOAD_TOO_LARGE, CONFLICT. */
  async fromUpload(
    wish: Wish,
    body: AsyncIterable<Uint8Array>,
    sizeBytes?: number,
  ): Promise<PromotionView | undefined> {
    if (sizeBytes !== undefined && sizeBytes > limits.sizeBytes) throw tooLarge();
    const { storageLocation } = await this.attach.find(wish.model, wish.version);
    const key = `${INCOMING}/${randomUUID()}`;
    try {
      await this.store.put(key, bounded(body), sizeBytes);
      const frozen = await this.freeze.object(key, storageLocation, wish.columns);
      return await this.take(wish, frozen);
    } finally {
      await this.store.remove(key);
    }
  }

  private take({ model, version, columns }: Wish, frozen: Servable): Promise<PromotionView | undefined> {
    const wanted = columns && columnsTaken(frozen.signature.inputs);
    if (columns !== undefined && wanted !== undefined && columns.length !== wanted)
      throw new PlatformError(
        'REQUEST_INVALID',
        `columns names ${String(columns.length)}, but the inputs of the ONNX file take ${String(wanted)}.`,
      );
    return this.attach.execute(model, version, frozen, columns);
  }
}

/** How many columns a graph takes, when its inputs tell: the width of a single table, or one for each input of one column. */
const columnsTaken = (inputs: readonly TensorSpec[]): number | undefined => {
  const [{ shape }] = inputs;
  if (inputs.length === 1 && shape.length === 2) return shape[1] === -1 ? undefined : shape[1];
  return inputs.every((input) => input.shape.length === 1 || (input.shape.length === 2 && input.shape[1] === 1))
    ? inputs.length
    : undefined;
};

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
