import type { Readable } from 'node:stream';

/** One object or one folder, as a listing shows it. */
export interface ArtifactEntry {
  /** Full key, without a leading slash; folders without a trailing one. */
  key: string;
  isDirectory: boolean;
  /** Absent for folders. */
  sizeBytes?: number;
}

export interface StoredArtifact {
  sizeBytes: number;
  /** SHA-256 of the bytes as they passed, in hex. */
  sha256: string;
}

/** Part of an object: its first and last byte, counted from 0. */
export interface ByteRange {
  start: number;
  end: number;
}

/**
 * Where models and run artifacts lie. Keys are relative, `/`-separated and already normalised: a key with `..`, an
 * absolute path, a backslash or a NUL is refused with `REQUEST_INVALID` by every adapter.
 * Errors: `ARTIFACT_NOT_FOUND`, `ARTIFACT_EXISTS`, `STORE_UNAVAILABLE`.
 */
export abstract class ArtifactStore {
  /** Streams an object in, replacing an older one only when all has arrived. `sizeBytes` when it is known. */
  abstract put(key: string, body: AsyncIterable<Uint8Array> | Uint8Array, sizeBytes?: number): Promise<StoredArtifact>;
  /** As `put`, but an object of that key must not exist yet (`ARTIFACT_EXISTS`). */
  abstract putNew(key: string, body: Uint8Array): Promise<StoredArtifact>;
  /**
   * As `put` for bytes whose digest nobody asks for. What a large upload costs is copying and hashing, so where the size is
   * known they pass through as they come and are never gathered.
   */
  abstract receive(key: string, body: Readable, sizeBytes?: number): Promise<{ sizeBytes: number }>;
  /**
   * Streams an object out, whole or in part; `sizeBytes` is what comes. A range must lie within the object.
   * The chunks are the reader's own, who may write over them or give their memory back.
   */
  abstract get(key: string, range?: ByteRange): Promise<{ body: Readable; sizeBytes: number }>;
  /** Size of an object, or undefined. */
  abstract stat(key: string): Promise<{ sizeBytes: number } | undefined>;
  /** Direct children of a folder (`''` is the root), by key; empty when it does not exist or is an object. */
  abstract list(folder: string): Promise<ArtifactEntry[]>;
  /** Removes an object or everything below a folder; nothing there is no error. */
  abstract remove(key: string): Promise<void>;
  abstract healthy(): Promise<boolean>;
}
