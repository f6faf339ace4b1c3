import type { GraphNode, Initializer } from '#onnx';
import type { LearningThreads } from './learning-threads.js';

/** Rows as every learner sees them, whatever columns they were made of: float32, row after row; NaN where a value is missing. */
export interface FeatureRows {
  rows: Float32Array;
  featureCount: number;
}

/** At least two classes. */
export interface ClassifierData extends FeatureRows {
  /** Class ids, 0 to `classCount` - 1. */
  labels: Int32Array;
  classCount: number;
  /** What the classes are called, for parameters that name them; their ids when absent. */
  classNames?: readonly string[];
  /** Rows that are not learnt from: recipes that learn in rounds are scored on them after each, and may stop by them. */
  validation?: { rows: Float32Array; labels: Int32Array };
}

export interface RegressorData extends FeatureRows {
  /** Finite. */
  targets: Float64Array;
  validation?: { rows: Float32Array; targets: Float64Array };
}

/** Called between steps of a fit: trees grown, iterations done. Scores are logged as metrics with the step, under these names. */
export type FitProgress = (step: number, of: number, scores?: Readonly<Record<string, number>>) => void;

/** What surrounds a fit; nothing of it changes the outcome. */
export interface FitContext {
  onProgress?: FitProgress;
  /** Absent: all is done on the caller's thread. */
  threads?: LearningThreads;
}

/** Nodes and constants that make a float tensor of probabilities `[N, classes]`, or of values `[N, 1]`, of a float tensor `[N, featureCount]`. */
export interface GraphPart {
  nodes: readonly GraphNode[];
  initializers: readonly Initializer[];
  /** What it makes. */
  scores: string;
}

/** What a fit leaves behind, still in JavaScript. */
export interface FittedModel {
  kind: 'classifier' | 'regressor';
  /** Probabilities of the classes for each row, or a value for each, row after row: computed as the graph computes them. */
  predict(rows: Float32Array): Float64Array;
  /** The same model in ONNX. @param features the name of its input */
  graph(features: string): GraphPart;
  /** What is worth knowing of the fit, such as the iterations it took; logged beside the parameters. */
  facts: Readonly<Record<string, number | boolean>>;
  /** What the fit itself measured, such as a score on rows that it left out; logged as metrics. */
  metrics?: Readonly<Record<string, number>>;
  /** How much each feature counts, adding up to 1 (or all 0); absent where the recipe knows no such thing. */
  importances?: Float64Array;
}

/** Parameters after defaults; every recipe has the seed, because the split takes it. */
export type RecipeParameters = Readonly<Record<string, ParameterValue>> & { readonly random_state: number };
export type ParameterValue = string | number | boolean | null | Readonly<Record<string, number>>;

/**
 * Fits a model. What is drawn is drawn by `random_state`: the same data and parameters give the same model, however many threads there are.
 * @throws PlatformError with a code that says whether data or parameters are to be changed.
 */
export type Fit<D, P extends RecipeParameters> = (data: D, parameters: P, context?: FitContext) => Promise<FittedModel>;
