/** What of a kind is to be looked at: all that was deleted before a moment, or what is named and nothing else. */
export interface GarbageWish {
  apply: boolean;
  /** Deleted at least this long ago. */
  olderThanMs: number;
  runIds?: string[];
  experimentIds?: string[];
  loggedModelIds?: string[];
}

export type DeletedKind = 'run' | 'logged-model' | 'experiment';
export type GarbageKind = DeletedKind | 'orphan' | 'blob' | 'upload';

export interface Removal {
  kind: GarbageKind;
  id: string;
  sizeBytes: number;
}

export interface Kept {
  kind: GarbageKind;
  id: string;
  reason: string;
}

export interface GarbageReport {
  removed: Removal[];
  kept: Kept[];
}

/** A deleted run, logged model or experiment. */
export interface Deleted {
  kind: DeletedKind;
  id: string;
  location: string;
}

/** What becomes of it: its place to empty (none when others live there), or why it stays. */
export type Verdict = { purge: string | undefined } | { kept: string };

/** What the database knows of what may go. Errors: NOT_FOUND, REQUEST_INVALID for named things that are not deleted. */
export abstract class GarbageRecords {
  /** Runs, then logged models, then experiments. */
  abstract deleted(wish: GarbageWish, nowMs: number): Promise<Deleted[]>;
  /** Looks only. `gone` are those of the same batch, which hold nothing back. */
  abstract judge(thing: Deleted, gone: readonly Deleted[]): Promise<Verdict>;
  /**
   * Judges and removes in one transaction that no registration can run beside: the rows go, and the place is written down
   * as one to empty.
   */
  abstract remove(thing: Deleted): Promise<Verdict>;
  /** Places whose rows are gone and whose files may be there still: of this collection, or of one that was cut short. */
  abstract unfinishedPurges(): Promise<string[]>;
  abstract purged(location: string): Promise<void>;
  abstract forgetPurges(beforeMs: number): Promise<void>;
  /** Places of everything that exists. */
  abstract liveLocations(): Promise<string[]>;
  /** Which of these were numbers of experiments once, and are none now. */
  abstract formerExperiments(ids: string[]): Promise<Set<string>>;
  /** Digests that a version, or a promotion that is still told, names. */
  abstract wantedBlobs(): Promise<Set<string>>;
  /** Calls `act` and forgets the blob while none can begin to want it; false when it is wanted, or was within the grace. */
  abstract withoutBlob(sha256: string, wantedBeforeMs: number, act: () => Promise<void>): Promise<boolean>;
}
