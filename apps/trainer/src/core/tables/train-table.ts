import type { Tensor } from '#onnx';
import { PlatformError } from '#runtime';
import type { FeatureRows, FitContext, FittedModel } from '../learning/learner.js';
import type { Recipe } from '../learning/recipes.js';
import type { Labels } from './classes.js';
import { assembleModel } from './assemble-model.js';
import { encodeRows, fitEncoder, type Encoder } from './encoder.js';
import { crossValidated, type Metrics } from './metrics.js';
import { modelInput } from './model-input.js';
import { scoreModel, type RunModel, type Scored } from './score-model.js';
import { foldsOf, splitRows, type Split } from './splits.js';
import type { Table } from './table-builder.js';
import type { Target } from './target-builder.js';

/** Loads an exported file, as `openSession` of #onnx/runtime does. */
export type OpenModel = (onnx: Uint8Array) => Promise<{
  run(inputs: readonly Tensor[], outputNames?: readonly string[]): Promise<Tensor[]>;
  release(): Promise<void>;
}>;

export interface TableTraining {
  table: Table;
  /** Of the recipe; goes into the file. */
  name: string;
  recipe: Recipe;
  /** As the request gives them; defaults are filled in. */
  parameters: unknown;
  /** Share of the rows that is held out for the metrics. */
  testShare: number;
  /** Each class keeps its share on both sides. */
  stratify: boolean;
  /** Cross-validates over so many parts of the training rows first. */
  folds?: number;
  context?: FitContext;
}

/** A metric at a step of the fit. */
export interface HistoryEntry {
  key: string;
  step: number;
  value: number;
}

export interface TrainedTable {
  encoder: Encoder;
  model: FittedModel;
  onnx: Uint8Array;
  split: Split;
  scored: Scored;
  /** Of the exported file on the rows held out, and what the fit measured; with folds also their means, as `cv_…`. */
  metrics: Metrics;
  /** Of the fit, and with folds of each of them. */
  history: HistoryEntry[];
}

/** Strings of more rows at once would be half a gigabyte. */
const ROWS_AT_ONCE = 10_000;

/**
 * Splits a table, fits a recipe on one part and measures its exported file on the other. The split depends on the target, the share and
 * the seed only, so recipes and settings are compared on the same rows.
 * @throws PlatformError DATASET_INVALID, DATASET_TOO_SMALL, EXPORT_DISAGREES, and what the fit throws.
 */
export const trainTable = async (training: TableTraining, open: OpenModel): Promise<TrainedTable> => {
  const { table, folds = 0, context = {}, stratify } = training;
  const fitting = prepare(training.recipe, training.parameters);
  const { randomState } = fitting;
  const split = splitRows(table.target, training.testShare, stratify, randomState);
  const parts = folds > 0 ? foldsOf(table.target, split.train, folds, stratify, randomState) : [];
  const history: HistoryEntry[] = [];
  const foldMetrics: Metrics[] = [];
  for (const [fold, part] of parts.entries()) {
    const { metrics } = (await fitAndScore(training, fitting, part, nth(context, fold, folds + 1), open)).scored;
    foldMetrics.push(metrics);
    for (const [key, value] of Object.entries(metrics)) history.push({ key: `fold_${key}`, step: fold + 1, value });
  }
  const { onProgress, ...rest } = nth(context, folds, folds + 1);
  const last = await fitAndScore(
    training,
    fitting,
    split,
    {
      ...rest,
      onProgress: (step, of, scores) => {
        for (const [key, value] of Object.entries(scores ?? {}))
          // JSON holds no other, and a curve shows none.
          if (Number.isFinite(value)) history.push({ key, step, value });
        onProgress?.(step, of, scores);
      },
    },
    open,
  );
  return {
    ...last,
    split,
    metrics: { ...last.scored.metrics, ...last.model.metrics, ...(folds > 0 && crossValidated(foldMetrics)) },
    history,
  };
};

const fitAndScore = async (
  { table, name }: TableTraining,
  { fit }: Fitting,
  { train, test }: Split,
  context: FitContext,
  open: OpenModel,
): Promise<{ encoder: Encoder; model: FittedModel; onnx: Uint8Array; scored: Scored }> => {
  const { columns, target } = table;
  const encoder = fitEncoder(columns, train);
  const rows = { rows: encodeRows(encoder, columns, train), featureCount: encoder.featureNames.length };
  const model = await fit(rows, target, train, context);
  const onnx = assembleModel({ name, encoder, model, classes: classesOf(target) });
  const fitted = model.predict(encodeRows(encoder, columns, test));
  const session = await open(onnx);
  const run: RunModel = async (asked, outputs) => {
    const answers: Tensor[][] = [];
    for (let from = 0; from < asked.length; from += ROWS_AT_ONCE)
      answers.push(await session.run(modelInput(encoder, columns, asked.subarray(from, from + ROWS_AT_ONCE)), outputs));
    return outputs.map((_, at) => joined(answers.map((tensors) => tensors[at])));
  };
  try {
    return { encoder, model, onnx, scored: await scoreModel(target, test, fitted, run) };
  } finally {
    await session.release();
  }
};

interface Fitting {
  randomState: number;
  fit: (features: FeatureRows, target: Target, rows: Int32Array, context: FitContext) => Promise<FittedModel>;
}

const prepare = (recipe: Recipe, given: unknown): Fitting => {
  const mismatch = () => new Error(`A recipe for ${recipe.task} was given a target of another kind.`);
  if (recipe.task === 'classification') {
    const { parameters, fit } = recipe.prepare(given);
    return {
      randomState: parameters.random_state,
      fit: (features, target, rows, context) => {
        if (target.kind !== 'classes') throw mismatch();
        const { classes, ids } = target;
        const labels = rows.map((row) => ids[row]);
        if (labels.every((label) => label === labels[0])) throw oneClass(classes[labels[0]]);
        return fit({ ...features, labels, classCount: classes.length, classNames: classes.map(String) }, context);
      },
    };
  }
  const { parameters, fit } = recipe.prepare(given);
  return {
    randomState: parameters.random_state,
    fit: (features, target, rows, context) => {
      if (target.kind !== 'quantity') throw mismatch();
      return fit({ ...features, targets: Float64Array.from(rows, (row) => target.values[row]) }, context);
    },
  };
};

const oneClass = (label: number | string): Error =>
  new PlatformError(
    'DATASET_TOO_SMALL',
    `The rows to train on are all of the class "${String(label)}"; give more rows, a smaller dataset.testShare, or let dataset.stratify be true.`,
  );

export const classesOf = (target: Target): Labels => (target.kind === 'classes' ? target.classes : []);

/** Steps of the nth of several fits, counted over all of them. */
const nth = (context: FitContext, fit: number, of: number): FitContext => ({
  ...context,
  onProgress: (step, steps, scores) => context.onProgress?.(fit * steps + step, of * steps, scores),
});

const joined = (parts: readonly Tensor[]): Tensor => {
  const [first] = parts;
  const shape = [parts.reduce((sum, part) => sum + part.shape[0], 0), ...first.shape.slice(1)];
  if (Array.isArray(first.data)) return { ...first, shape, data: parts.flatMap(({ data }) => data as string[]) };
  if (parts.length === 1) return first;
  const data = new (first.data.constructor as new (length: number) => Float32Array)(
    parts.reduce((sum, part) => sum + part.data.length, 0),
  );
  let at = 0;
  for (const part of parts) {
    data.set(part.data as Float32Array, at);
    at += part.data.length;
  }
  return { ...first, shape, data };
};

/** A fit of thousands of rounds is drawn as well with so many points of each metric. */
const MOST_POINTS = 1_000;

/** The first and the last entry of each metric, and evenly many between them. */
export const shortened = (history: readonly HistoryEntry[]): HistoryEntry[] => {
  const byKey = Map.groupBy(history, ({ key }) => key);
  return [...byKey.values()].flatMap((entries) =>
    entries.filter(
      (_, at) =>
        entries.length <= MOST_POINTS ||
        at === entries.length - 1 ||
        Math.floor((at * (MOST_POINTS - 1)) / entries.length) !==
          Math.floor(((at - 1) * (MOST_POINTS - 1)) / entries.length),
    ),
  );
};
