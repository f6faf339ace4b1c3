/** A data set as a file on this machine's disk. */
export interface FetchedData {
  path: string;
  format: 'csv';
}

/**
 * Where rows come from. A remote set is brought into `folder` whole before anything reads it.
 * Errors: `DATASET_UNREACHABLE` (a retry may help), `DATASET_INVALID` (not allowed, unknown scheme, too large).
 */
export abstract class DataSources {
  abstract fetch(uri: string, folder: string, signal: AbortSignal): Promise<FetchedData>;
}
