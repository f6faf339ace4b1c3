import { createHash } from 'node:crypto';
import type { ModelArtifact } from '#contracts';
import { blobKey, type ArtifactStore } from '#artifacts';
import type { FilePart, ModelPiece } from '#onnx';
import { PlatformError, type Logger } from '#runtime';
import type { FrozenBlobs } from './frozen-blobs.js';

/** Weights of one model lie close to each other; what is between is read and dropped sooner than asked for anew. */
const GAP_BYTES = 1024 * 1024;

/** Keeps models by their content. Nothing is ever whole in memory: files are read twice, to know the name and to write. */
export class FrozenFiles {
  constructor(
    private readonly store: ArtifactStore,
    private readonly blobs: FrozenBlobs,
    private readonly logger: Logger,
  ) {}

  /** Puts pieces of files (keys by name; `null` is the ONNX file itself) together as one. */
  async keep(pieces: readonly ModelPiece[], keys: ReadonlyMap<string | null, string>): Promise<ModelArtifact> {
    const sizeBytes = pieces.reduce((sum, { length }) => sum + length, 0);
    const sha256 = await digestOf(this.bytesOf(pieces, keys));
    const key = blobKey(sha256);
    await this.blobs.note(sha256);
    if (await this.isKept(key, sha256)) return { key, sha256, sizeBytes };
    const stored = await this.store.put(key, this.bytesOf(pieces, keys), sizeBytes);
    if (stored.sha256 !== sha256) {
      await this.store.remove(key);
      throw new PlatformError('MODEL_FILE_INVALID', 'Its files changed while they were read.');
    }
    return { key, sha256, sizeBytes };
  }

  /** Registering the same content again is fine; a blob that was tampered with is put right, since we hold the right bytes. */
  private async isKept(key: string, sha256: string): Promise<boolean> {
    if ((await this.store.stat(key)) === undefined) return false;
    const { body } = await this.store.get(key);
    if ((await digestOf(body as AsyncIterable<Uint8Array>)) === sha256) return true;
    this.logger.warn('A frozen model held other bytes than its name says; it is written again.', { key });
    return false;
  }

  private async *bytesOf(
    pieces: readonly ModelPiece[],
    keys: ReadonlyMap<string | null, string>,
  ): AsyncGenerator<Uint8Array> {
    const files = new Map<string | null, FileCursor>();
    try {
      for (const piece of pieces) {
        if (piece instanceof Uint8Array) {
          yield piece;
          continue;
        }
        const cursor = files.get(piece.file) ?? new FileCursor(this.store, keys.get(piece.file) ?? '');
        files.set(piece.file, cursor);
        yield* cursor.read(piece);
      }
    } finally {
      for (const cursor of files.values()) cursor.close();
    }
  }
}

/** Reads stretches of one file, going on in the stream that is open as long as they follow each other. */
class FileCursor {
  private body: (AsyncIterable<Uint8Array> & { destroy: () => unknown }) | undefined;
  private chunks: AsyncIterator<Uint8Array> | undefined;
  private rest: Uint8Array = new Uint8Array();
  private position = 0;

  constructor(
    private readonly store: ArtifactStore,
    private readonly key: string,
  ) {}

  async *read({ start, length }: FilePart): AsyncGenerator<Uint8Array> {
    if (this.chunks === undefined || start < this.position || start > this.position + GAP_BYTES) await this.open(start);
    for await (const _ of this.next(start - this.position)) continue;
    yield* this.next(length);
  }

  close(): void {
    this.body?.destroy();
  }

  private async open(start: number): Promise<void> {
    this.close();
    const size = (await this.store.stat(this.key))?.sizeBytes ?? 0;
    const { body } = await this.store.get(
      this.key,
      start === 0 ? undefined : { start, end: Math.max(start, size - 1) },
    );
    this.body = body;
    this.chunks = (body as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
    this.rest = new Uint8Array();
    this.position = start;
  }

  private async *next(count: number): AsyncGenerator<Uint8Array> {
    for (let left = count; left > 0;) {
      if (this.rest.length === 0) {
        const chunk = await this.chunks?.next();
        if (chunk === undefined || chunk.done === true)
          throw new PlatformError('MODEL_FILE_INVALID', 'Its files changed while they were read.');
        this.rest = chunk.value;
      }
      const part = this.rest.subarray(0, left);
      this.rest = this.rest.subarray(part.length);
      this.position += part.length;
      left -= part.length;
      yield part;
    }
  }
}

const digestOf = async (chunks: AsyncIterable<Uint8Array>): Promise<string> => {
  const hash = createHash('sha256');
  for await (const chunk of chunks) hash.update(chunk);
  return hash.digest('hex');
};
