import { createHash, type Hash } from 'node:crypto';
import type { ArtifactStore } from '#artifacts';
import type { ModelArtifact } from '#contracts';
import type { Logger } from '#runtime';
import { BestEffortFile } from './best-effort-file.js';
import type { ModelFiles } from './model-files.js';
import { placeInFleet, staggerMs } from './stagger.js';
import { at, StepFailed, unwanted } from './step-failed.js';
import { Turns } from './turns.js';
import { Watch } from './watch.js';

export interface FetchOptions {
  /** Who needs the bytes: a model, or a pinned version of it. */
  owner: string;
  /** Nothing answers for this model yet, so its bytes come before those of others and without delay. */
  urgent: boolean;
  signal: AbortSignal;
}

export interface FetchedModel {
  /** The whole file, digest checked; the caller's own. */
  bytes: Uint8Array;
  /** Settles when what could be kept on the disk is there; it never rejects and nobody has to wait for it. */
  kept: Promise<void>;
}

/** So much is hashed in one turn of the loop that also answers requests: below half a millisecond. */
const PIECE_BYTES = 256 * 1024;

/** Brings the bytes of a version: from the disk when they are there, else from the store, a limited number at a time. */
export class FetchModel {
  private readonly turns: Turns;
  /** One download of a digest at a time; whoever else needs the bytes finds them on the disk afterwards. */
  private readonly fetching = new Map<string, Promise<unknown>>();

  constructor(
    private readonly store: ArtifactStore,
    private readonly files: ModelFiles,
    private readonly logger: Logger,
    private readonly options: { predictorId: string; downloads: number },
  ) {
    this.turns = new Turns(options.downloads);
  }

  /** @throws StepFailed at `fetch` or `verify`. What came of a download that was cut is gone on from at the next call. */
  async execute(artifact: ModelArtifact, options: FetchOptions): Promise<FetchedModel> {
    const { sha256 } = artifact;
    const watch = new Watch(options.signal);
    try {
      for (let other = this.fetching.get(sha256); other !== undefined; other = this.fetching.get(sha256))
        await watch.unlessUnwanted(other);
      const work = this.readOrDownload(artifact, options, watch);
      const done = work.then(({ kept }) => kept).catch(() => undefined);
      this.fetching.set(sha256, done);
      void done.then(() => this.fetching.delete(sha256));
      return await work;
    } finally {
      watch.end();
    }
  }

  /** The same bytes from this replica's disk; undefined when they are not there any more. */
  again(artifact: ModelArtifact): Promise<Uint8Array | undefined> {
    return this.files.read(artifact);
  }

  private async readOrDownload(artifact: ModelArtifact, options: FetchOptions, watch: Watch): Promise<FetchedModel> {
    const { sha256, sizeBytes } = artifact;
    const { owner, urgent, signal } = options;
    const bytes = await this.files.read(artifact).catch((error: unknown) => {
      this.logger.warn('The copies on the disk could not be read; fetching from the store.', { sha256, error });
      return undefined;
    });
    if (bytes !== undefined) return { bytes, kept: Promise.resolve() };
    await watch.unlessUnwanted(delayed(staggerMs(sizeBytes, placeInFleet(this.options.predictorId, sha256), urgent)));
    const giveBack = await this.turns.take(urgent, signal).catch(() => {
      throw unwanted('fetch');
    });
    try {
      return await at('fetch', () => this.download(owner, artifact, watch));
    } finally {
      giveBack();
    }
  }

  private async download(owner: string, artifact: ModelArtifact, watch: Watch): Promise<FetchedModel> {
    const { key, sha256, sizeBytes } = artifact;
    const file = await BestEffortFile.open(() => this.files.resume(owner, artifact), sha256, this.logger);
    try {
      const bytes = new Uint8Array(sizeBytes);
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
    const { body, sizeBytes: coming } = await watch.step(this.store.get(key, range));
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
 * Memory of such size, waiting for the collector, makes it walk all that the thread that answers requests holds: 20 to 35 ms without an
 * answer, in the midst of every swap of a model of 8 MB.
 */
const giveBackMemory = ({ buffer, byteLength }: Uint8Array): void => {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
};

const delayed = (ms: number): Promise<void> =>
  ms === 0 ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, ms).unref());
