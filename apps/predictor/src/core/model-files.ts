import type { ModelArtifact } from '#contracts';

/** Bytes of models on this replica's disk, by their digest: whole ones, and beginnings of downloads that were cut. */
export abstract class ModelFiles {
  /** The bytes of this digest; undefined when there are none, or they are not what the digest says: those are removed. */
  abstract read(artifact: ModelArtifact): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** From now on `owner` (a model, or one pinned version of it) needs these bytes and no others that it asked for before. */
  abstract want(owner: string, artifact: ModelArtifact): void;
  /** Opens what an earlier, cut download left, to go on after it. */
  abstract resume(artifact: ModelArtifact): Promise<PartialFile>;
}

/** The beginning of a file that is being downloaded. One of the three ends is called, once. */
export interface PartialFile {
  /** What came earlier is copied to the front of `target`; returns how much that is. */
  arrived(target: Uint8Array): Promise<number>;
  append(bytes: Uint8Array): Promise<void>;
  /** What came so far is not worth going on from. */
  restart(): Promise<void>;
  /** It is whole and its digest right: settles when it is kept whatever happens to the machine. */
  complete(): Promise<void>;
  /** The download was cut; the next one goes on from here. */
  cut(): Promise<void>;
}
