import type { ModelArtifact } from '#contracts';

export interface FetchedModel {
  /** The whole file, digest checked; the caller's own. */
  bytes: Uint8Array<ArrayBuffer>;
  /** Settles when what could be kept on the disk is there; it never rejects and nobody has to wait for it. */
  kept: Promise<void>;
}

/** Where the bytes of models come from; in production a thread that gives way to those that answer requests. */
export abstract class ModelSource {
  /** From this replica's disk; undefined when they are not there, or are not what the digest says. */
  abstract read(artifact: ModelArtifact): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /**
   * From the store, and onto the disk.
   * @throws StepFailed at `fetch` or `verify`. What came of a download that was cut is gone on from at the next call.
   */
  abstract download(artifact: ModelArtifact, signal: AbortSignal): Promise<FetchedModel>;
}
