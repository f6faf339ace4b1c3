import type { ModelArtifact } from '#contracts';
import type { Settings } from '#runtime';
import type { Step } from '../core/step-failed.js';

/** What the thread is started with. */
export interface FetchOrder {
  settings: Settings;
}

/** `id` is the asker's number; `stop` is not answered, what it stops is. */
export type FetchRequest = FetchQuestion | { kind: 'stop'; id: number };

export interface FetchQuestion {
  kind: 'read' | 'download';
  id: number;
  artifact: ModelArtifact;
}

/** Once `ready`, then an answer for each question; one `kept` follows each `downloaded`. */
export type FetchReply =
  | { kind: 'ready' }
  | { kind: 'read'; id: number; bytes: Uint8Array<ArrayBuffer> | undefined }
  | { kind: 'downloaded'; id: number; bytes: Uint8Array<ArrayBuffer> }
  | { kind: 'kept'; id: number }
  /** `cause`: for the log. */
  | { kind: 'failed'; id: number; step: Step; reason: string; cause: string | undefined };
