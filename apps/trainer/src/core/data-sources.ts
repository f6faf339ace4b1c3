/** What a data set's file is, told by its first bytes; the work folder's copy is named so (`data.csv.gz`). */
export type DataFormat = 'csv' | 'csv.gz' | 'parquet';

/** A data set as a file on this machine's disk. */
export interface FetchedData {
  path: string;
  format: DataFormat;
  /** Of the file as it came, in hex. */
  sha256: string;
  sizeBytes: number;
}

/**
 * Where rows come from. A remote set is brought into `folder` whole before anything reads it.
 * Errors: `DATASET_UNREACHABLE` (a retry may help), `DATASET_INVALID` (not allowed, unknown scheme or format, too large).
 */
export abstract class DataSources {
  abstract fetch(uri: string, folder: string, signal: AbortSignal): Promise<FetchedData>;
}
