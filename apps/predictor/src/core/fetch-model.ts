import type { ModelArtifact } from '#contracts';
import type { Logger } from '#runtime';
import type { ModelFiles } from './model-files.js';
import type { FetchedModel, ModelSource } from './model-source.js';
import { placeInFleet, staggerMs } from './stagger.js';
import { unwanted } from './step-failed.js';
import { Turns } from './turns.js';
import { Watch } from './watch.js';

export interface FetchOptions {
  /** Who needs the bytes: a model, or a pinned version of it. */
  owner: string;
  /** Nothing answers for this model yet, so its bytes come before those of others and without delay. */
  urgent: boolean;
  signal: AbortSignal;
}

/** Brings the bytes of a version: from the disk when they are there, else from the store, a limited number at a time. */
export class FetchModel {
  private readonly turns: Turns;
  /** One download of a digest at a time; whoever else needs the bytes finds them on the disk afterwards. */
  private readonly fetching = new Map<string, Promise<unknown>>();

  constructor(
    private readonly source: ModelSource,
    private readonly files: Pick<ModelFiles, 'want'>,
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
  again(artifact: ModelArtifact): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return this.source.read(artifact);
  }

  private async readOrDownload(artifact: ModelArtifact, options: FetchOptions, watch: Watch): Promise<FetchedModel> {
    const { sha256, sizeBytes } = artifact;
    const { owner, urgent, signal } = options;
    const bytes = await this.source.read(artifact).catch((error: unknown) => {
      this.logger.warn('The copies on the disk could not be read; fetching from the store.', { sha256, error });
      return undefined;
    });
    if (bytes !== undefined) return { bytes, kept: Promise.resolve() };
    await watch.unlessUnwanted(delayed(staggerMs(sizeBytes, placeInFleet(this.options.predictorId, sha256), urgent)));
    const giveBack = await this.turns.take(urgent, signal).catch(() => {
      throw unwanted('fetch');
    });
    try {
      this.files.want(owner, artifact);
      return await this.source.download(artifact, signal);
    } finally {
      giveBack();
    }
  }
}

const delayed = (ms: number): Promise<void> =>
  ms === 0 ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, ms).unref());
