/** Where one part of an upload goes. */
export interface PartTarget {
  partNumber: number;
  url: string;
}

export interface UploadedPart {
  partNumber: number;
  etag: string;
}

/**
 * Transfers between a client and the store that do not pass through us: by URLs that reach one key for a while and need no
 * credentials. Errors: those of `ArtifactStore`; `REQUEST_INVALID` when the store refuses the parts.
 */
export abstract class DirectTransfers {
  /** False where there are none: then nothing else here may be called. */
  abstract readonly available: boolean;
  abstract beginUpload(key: string, parts: number): Promise<{ uploadId: string; parts: PartTarget[] }>;
  /** The object appears now, whole. */
  abstract completeUpload(key: string, uploadId: string, parts: UploadedPart[]): Promise<void>;
  abstract abortUpload(key: string, uploadId: string): Promise<void>;
  /** A browser that follows the URL saves the file under `fileName`. */
  abstract downloadUrl(key: string, fileName: string): Promise<{ url: string; sizeBytes: number }>;
}

/** For stores that clients can't reach, and where it was not asked for. */
export class NoDirectTransfers extends DirectTransfers {
  readonly available = false;

  beginUpload(): never {
    throw new Error('There are no direct transfers.');
  }
  completeUpload(): never {
    throw new Error('There are no direct transfers.');
  }
  abortUpload(): never {
    throw new Error('There are no direct transfers.');
  }
  downloadUrl(): never {
    throw new Error('There are no direct transfers.');
  }
}
