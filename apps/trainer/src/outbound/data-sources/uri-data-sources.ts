import type { ArtifactStore } from '#artifacts';
import { PlatformError } from '#runtime';
import { DataSources, type FetchedData } from '../../core/data-sources.js';
import { bundledData } from './bundled.js';
import { fetchFile } from './file.js';
import { fetchHttp } from './http.js';
import { fetchObject } from './s3.js';

export interface DataSourceOptions {
  /** `file:` sets are read below this folder; unset: refused. */
  dataRoot?: string;
  /** Lets `http(s):` sets lie on private addresses. */
  allowPrivate: boolean;
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
    const { dataRoot, allowPrivate, maxBytes, timeoutMs, bucket } = this.options;
    const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(uri)?.[1].toLowerCase() ?? 'builtin';
    const limits = { maxBytes, timeoutMs, signal };
    switch (scheme) {
      case 'builtin':
        return bundledData(uri.replace(/^builtin:/i, ''));
      case 'file':
        return fetchFile(uri, dataRoot, folder, limits);
      case 'http':
      case 'https':
        return fetchHttp(uri, folder, { ...limits, allowPrivate });
      case 's3':
        return fetchObject(uri, bucket, folder, limits);
      default:
        throw new PlatformError(
          'DATASET_INVALID',
          `Data sets are read from "iris", file:, http:, https: and s3: URIs, not from "${scheme}:".`,
        );
    }
  }
}
