import type { RunNotes } from './run-notes.js';

/** What every native starter is given. */
export interface NativeOptions {
  cacheDir: string;
  /** Folder of this run; each service has one of its own name in it. */
  dataDir: string;
  /** A temporary folder need not survive a power cut: nothing is synced to disk. */
  temporary: boolean;
  port: number;
  notes: RunNotes;
}
