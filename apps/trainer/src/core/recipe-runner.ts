import type { FetchedData } from './data-sources.js';
import type { FetchedModel } from './logged-model.js';
import type { ParameterValues, RecipeDeclaration } from './recipe-declaration.js';

/** Which rows and columns of a data set are learnt from, and how they are measured. */
export interface TableOptions {
  target?: string;
  features?: string[];
  drop?: string[];
  types?: Record<string, 'number' | 'category'>;
  testShare: number;
  stratify: boolean;
  folds?: number;
}

export interface RecipeTask extends TableOptions {
  declaration: RecipeDeclaration;
  /** As resolved by the recipe's schema: nothing is left to a default. */
  parameters: ParameterValues;
  /** Absent: the request names no data set, and the recipe has its own. */
  data?: FetchedData;
  environment: RecipeEnvironment;
}

/** What a recipe that speaks to the tracking server itself is told. */
export interface RecipeEnvironment {
  trackingUri: string;
  /** Of this attempt: superseded with it. */
  token?: string;
  /** The model that the request is about. */
  model: string;
  experiment: string;
  /** The trainer's run. */
  runId: string;
  attempt: number;
}

/** What a recipe leaves behind; metrics are those of the exported file on the rows held out. */
export interface RecipeResult {
  metrics: Record<string, number>;
  /** Metrics at steps of the fit, such as the loss after each round. */
  history?: MetricAtStep[];
  /** Facts that are logged as parameters beside those of the request, such as counts of rows. */
  facts: Record<string, string>;
  /** Model files by their name in the model's folder: absolute paths. None when the recipe logs its model itself. */
  files: Record<string, string>;
  /** Absent: not told. */
  signature?: RecipeSignature;
  /** Artifacts of the run by their names: absolute paths. */
  artifacts?: Record<string, string>;
}

export interface MetricAtStep {
  key: string;
  step: number;
  value: number;
}

/** In: columns as the data set names them, with MLflow's column types. Out: tensors, with numpy's types. */
export interface RecipeSignature {
  inputs: { name: string; type: string; required?: boolean }[];
  outputs: { name: string; dtype: string; shape: number[] }[];
}

export interface RecipeProgress {
  step?: number;
  of?: number;
  message: string;
  /** Lines that were printed since. */
  log?: string[];
}

/** A fresh folder for one attempt; removed when the attempt is over, which never rejects. */
export interface WorkFolder {
  path: string;
  /** What the recipe printed, capped. */
  logPath: string;
  /** Marks every process that works in it. */
  mark: string;
  remove(): Promise<void>;
}

/**
 * Runs a recipe in processes of its own.
 * Errors: what the recipe says of parameters and data (`PARAMETER_INVALID`, `DATASET_INVALID`, `DATASET_TOO_SMALL`, …),
 * `TRAINING_FAILED`, `TRAINING_CRASHED`, `TRAINING_TIMED_OUT`, `RECIPE_LIMIT_EXCEEDED`, `MODEL_FILE_INVALID`, `EXPORT_DISAGREES`. An aborted
 * signal ends the processes and rejects with the signal's reason. However it ends, nothing is left running.
 */
export abstract class RecipeRunner {
  abstract workFolder(name: string): Promise<WorkFolder>;
  abstract run(
    task: RecipeTask,
    folder: WorkFolder,
    onProgress: (progress: RecipeProgress) => void,
    signal: AbortSignal,
  ): Promise<RecipeResult>;
  /** Opens a model that a recipe logged and lets it answer once. @throws PlatformError MODEL_FILE_INVALID saying why it does not. */
  abstract tryModel(
    model: FetchedModel,
    declaration: RecipeDeclaration,
    folder: WorkFolder,
    signal: AbortSignal,
  ): Promise<void>;
}
