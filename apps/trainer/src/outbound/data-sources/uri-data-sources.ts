import type { ArtifactStore } from '#artifacts';
import { PlatformError } from '#runtime';
import { DataSources, type FetchedData } from '../../core/data-sources.js';
import { bundledPath } from './bundled.js';
import { fetchFile } from './file.js';
import { fetchHttp } from './http.js';
import { fetchObject } from './s3.js';

export interface DataSourceOptions {
  /** `file:` sets are read below this folder; unset: refused. */
  dataRoot?: string;
  maxBytes: number;
  timeoutMs: number;
  /** Opens a bucket of the configured S3 server; unset: `s3:` sets are refused. */
  bucket?: (name: string) => ArtifactStore;
}

/** Data sets by their URI's scheme: bundled ones, `file:`, `http(s):`, `s3:`. */
export class UriDataSources extends DataSources {
  constructor(private readonly options: DataSourceOptions) {
    super();
  }

  async fetch(uri: string, folder: string, signal: AbortSignal): Promise<FetchedData> {
    const { dataRoot, maxBytes, timeoutMs, bucket } = this.options;
    const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(uri)?.[1].toLowerCase() ?? 'builtin';
    refuseOtherFormats(uri);
    const limits = { maxBytes, timeoutMs, signal };
    switch (scheme) {
      case 'builtin':
        return { path: bundledPath(uri.replace(/^builtin:/i, '')), format: 'csv' };
      case 'file':
        return { path: await fetchFile(uri, dataRoot, folder, limits), format: 'csv' };
      case 'http':
      case 'https':
        return { path: await fetchHttp(uri, folder, limits), format: 'csv' };
      case 's3':
        return { path: await fetchObject(uri, bucket, folder, limits), format: 'csv' };
      default:
        throw new PlatformError(
          'DATASET_INVALID',
          `Data sets are read from "iris", file:, http:, https: and s3: URIs, not from "${scheme}:".`,
        );
    }
  }
}

const refuseOtherFormats = (uri: string): void => {
  const ending = /\.(parquet|json|jsonl|ndjson|xlsx?|gz|zip|zst|arff|feather|npy)(?:[?#]|$)/i.exec(uri)?.[1];
  if (ending !== undefined)
    throw new PlatformError(
      'DATASET_INVALID',
      `Data sets are read as CSV with a header line; this one ends in ".${ending}".`,
    );
};
