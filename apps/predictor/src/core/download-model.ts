import { createHash, type Hash } from 'node:crypto';
import type { ArtifactStore, ByteRange } from '#artifacts';
import type { ModelArtifact } from '#contracts';
import type { Logger } from '#runtime';
import { BestEffortFile } from './best-effort-file.js';
import type { ModelFiles } from './model-files.js';
import { ModelSource, type FetchedModel } from './model-source.js';
import { at, StepFailed } from './step-failed.js';
import { Watch } from './watch.js';

/** So much is hashed in one turn of the loop, which other downloads share. */
const PIECE_BYTES = 256 * 1024;

/** Disk and store, on the thread of whoever asks. */
export class DownloadModel extends ModelSource {
  constructor(
    private readonly store: ArtifactStore,
    private readonly files: Pick<ModelFiles, 'read' | 'resume'>,
    private readonly logger: Logger,
  ) {
    super();
  }

  read(artifact: ModelArtifact): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return this.files.read(artifact);
  }

  async download(artifact: ModelArtifact, signal: AbortSignal): Promise<FetchedModel> {
    const watch = new Watch(signal);
    try {
      return await at('fetch', () => this.bring(artifact, watch));
    } finally {
      watch.end();
    }
  }

  private async bring(artifact: ModelArtifact, watch: Watch): Promise<FetchedModel> {
    const { key, sha256, sizeBytes } = artifact;
    const bytes = new Uint8Array(sizeBytes);
    const file = await BestEffortFile.open(() => this.files.resume(artifact), sha256, this.logger);
    try {
      const begun = await file.arrived(bytes);
      let digest = await this.receive(artifact, { bytes, begun, file, watch });
      if (digest !== sha256 && begun > 0) {
        // What lay on the disk was not the beginning of this file, or a crash tore it.
        await file.restart();
        digest = await this.receive(artifact, { bytes, begun: 0, file, watch });
      }
      if (digest === sha256) return { bytes, kept: file.complete() };
      await file.restart();
      throw mismatch(key, `are not those that were registered (sha-256 ${digest} instead of ${sha256})`);
    } catch (error) {
      await file.cut();
      giveBackMemory(bytes);
      throw error;
    }
  }

  /** Fills `bytes` from the store, going on after what is there, and returns the digest of all of it. */
  private async receive(
    { key, sizeBytes }: ModelArtifact,
    { bytes, begun, file, watch }: { bytes: Uint8Array; begun: number; file: BestEffortFile; watch: Watch },
  ): Promise<string> {
    let [hash, length] = [createHash('sha256'), begun];
    await add(hash, bytes.subarray(0, begun));
    if (begun === sizeBytes) return hash.digest('hex');
    const range = begun === 0 ? undefined : { start: begun, end: sizeBytes - 1 };
    const { body, sizeBytes: coming } = await this.ask(key, range, watch);
    try {
      if (begun > 0 && coming === sizeBytes) {
        // This store knows no ranges and sends all of it.
        [hash, length] = [createHash('sha256'), 0];
        await file.restart();
      }
      if (length + coming !== sizeBytes)
        throw mismatch(key, `are ${String(length + coming)} instead of the ${String(sizeBytes)} registered`);
      const chunks = body[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
      for (let next = await watch.step(chunks.next()); next.done !== true; next = await watch.step(chunks.next())) {
        if (length + next.value.length > sizeBytes)
          throw mismatch(key, `are more than the ${String(sizeBytes)} registered`);
        bytes.set(next.value, length);
        length += next.value.length;
        await add(hash, next.value);
        await file.append(next.value);
        giveBackMemory(next.value);
      }
    } finally {
      body.destroy();
    }
    if (length < sizeBytes)
      throw new StepFailed(
        'fetch',
        `The store sent ${String(length)} of ${String(sizeBytes)} bytes of ${key} and ended.`,
      );
    return hash.digest('hex');
  }

  private async ask(key: string, range: ByteRange | undefined, watch: Watch): ReturnType<ArtifactStore['get']> {
    const answer = this.store.get(key, range);
    try {
      return await watch.step(answer);
    } catch (error) {
      // What comes too late would stay open.
      void answer.then(
        ({ body }) => body.destroy(),
        () => undefined,
      );
      throw error;
    }
  }
}

const mismatch = (key: string, how: string): StepFailed =>
  new StepFailed('verify', `DIGEST_MISMATCH: the bytes under ${key} ${how}.`);

const add = async (hash: Hash, bytes: Uint8Array): Promise<void> => {
  for (let start = 0; start < bytes.length; start += PIECE_BYTES) {
    if (start > 0) await new Promise((resolve) => setImmediate(resolve));
    hash.update(bytes.subarray(start, start + PIECE_BYTES));
  }
};

/**
 * Memory of such size is given back at once: the collector comes seldom on a thread with little to do, and what waits for it is missed by
 * the next load, which asks how much is left.
 */
const giveBackMemory = ({ buffer, byteLength }: Uint8Array): void => {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
};
