import type { DataFormat } from '../../core/data-sources.js';
import { invalidData } from '../../core/tables/invalid-data.js';

/** A table on disk. */
export interface TableFile {
  path: string;
  format: DataFormat;
  /** What a packed file may unpack to: a few kilobytes can hold gigabytes. */
  maxBytes: number;
}

export const unpacksTooLarge = (maxBytes: number): Error =>
  invalidData(
    `The data set unpacks to more than ${String(maxBytes)} bytes; give a smaller one, or raise TRAINER_MAX_DATASET_BYTES.`,
  );
