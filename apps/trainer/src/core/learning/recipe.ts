import type { Labels } from './labels.js';

/** The rows to learn from, checked: finite float32 numbers, at least two classes, each with a row. */
export interface TrainingData {
  /** Row after row, `labels.length` × `featureCount`. */
  rows: Float32Array;
  /** Class ids, 0 to `classCount` - 1. */
  labels: Int32Array;
  featureCount: number;
  classCount: number;
}

/** Called between steps of a fit: trees grown, iterations done. */
export type FitProgress = (step: number, of: number) => void;

/** What a fit leaves behind, still in JavaScript. */
export interface FittedModel {
  /** Probability of each class for each row, row after row. */
  probabilities(rows: Float32Array): Float64Array;
  /** The same model as an ONNX file: input `features`, outputs `label` and `probabilities`. */
  toOnnx(classes: Labels): Uint8Array;
  /** What is worth knowing of the fit, such as the iterations it took; logged beside the parameters. */
  facts: Readonly<Record<string, number | boolean>>;
}

/** Parameters after defaults; every recipe has the seed, because the split takes it. */
export type RecipeParameters = Readonly<Record<string, number | null>> & { readonly random_state: number };

/**
 * Fits a model.
 * @throws PlatformError with a code that says whether data or parameters are to be changed.
 */
export type Fit<P extends RecipeParameters> = (
  data: TrainingData,
  parameters: P,
  onProgress?: FitProgress,
) => FittedModel;
