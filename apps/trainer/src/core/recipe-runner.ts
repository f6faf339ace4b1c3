import type { FetchedData } from './data-sources.js';

export interface RecipeTask {
  recipe: string;
  /** As resolved by the recipe's schema: nothing is left to a default. */
  parameters: Record<string, unknown>;
  data: FetchedData;
  target?: string;
  features?: string[];
  testShare: number;
}

/** What a recipe leaves behind; metrics are those of the exported file on the rows held out. */
export interface RecipeResult {
  metrics: Record<string, number>;
  /** Facts that are logged as parameters beside those of the request, such as counts of rows. */
  facts: Record<string, string>;
  /** Model files by their name in the model's folder: absolute paths. */
  files: Record<string, string>;
  signature: RecipeSignature;
}

/** In: columns as the data set names them, with MLflow's column types. Out: tensors, with numpy's types. */
export interface RecipeSignature {
  inputs: { name: string; type: string }[];
  outputs: { name: string; dtype: string; shape: number[] }[];
}

export interface RecipeProgress {
  step?: number;
  of?: number;
  message: string;
}

/** A fresh folder for one attempt; removed when the attempt is over. */
export interface WorkFolder {
  path: string;
  /** What the recipe printed, capped. */
  logPath: string;
  remove(): Promise<void>;
}

/**
 * Runs a recipe in a process of its own.
 * Errors: what the recipe says of parameters and data (`PARAMETER_INVALID`, `DATASET_INVALID`, `DATASET_TOO_SMALL`, …),
 * `TRAINING_FAILED`, `TRAINING_CRASHED`, `TRAINING_TIMED_OUT`, `EXPORT_DISAGREES`. An aborted signal ends the process and rejects with the signal's reason.
 */
export abstract class RecipeRunner {
  abstract workFolder(name: string): Promise<WorkFolder>;
  abstract run(
    task: RecipeTask,
    folder: WorkFolder,
    onProgress: (progress: RecipeProgress) => void,
    signal: AbortSignal,
  ): Promise<RecipeResult>;
}
