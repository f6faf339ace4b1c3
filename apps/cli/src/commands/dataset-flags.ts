import type { Command } from 'commander';
import { finite } from './parse-values.js';

export interface DatasetFlags {
  dataset?: string;
  target?: string;
  testShare?: number;
}

/** The flags that say what to train from. */
export const withDatasetFlags = (command: Command): Command =>
  command
    .option('--dataset <uri>', 'iris, file:…, http(s):… or s3://bucket/key (iris)')
    .option('--target <column>', 'column to predict (the last one)')
    .option('--test-share <share>', 'share of the rows held out for the metrics', finite);

/** The data set as a request or a preset carries it; undefined when no flag speaks of one. */
export const datasetOf = ({ dataset, target, testShare }: DatasetFlags): object | undefined =>
  dataset === undefined && target === undefined && testShare === undefined
    ? undefined
    : {
        uri: dataset ?? 'iris',
        ...(target !== undefined && { target }),
        ...(testShare !== undefined && { testShare }),
      };
