export interface InventoryEntry {
  key: string;
  sizeBytes: number;
  modifiedMs: number;
}

/** Bytes on their way into the store that no object has yet. */
export interface UnfinishedUpload {
  /** What it would become, or where the bytes lie. */
  key: string;
  beganMs: number;
  sizeBytes: number;
  discard: () => Promise<void>;
}

/** Everything that lies in the store, for those who tidy it. Errors: `STORE_UNAVAILABLE`. */
export abstract class ArtifactInventory {
  /** Every object below a folder, in no particular order. */
  abstract below(folder: string): AsyncIterable<InventoryEntry>;
  /** Uploads that were begun and neither completed nor aborted; a crash leaves them, and clients that went away. */
  abstract unfinished(): AsyncIterable<UnfinishedUpload>;
}
