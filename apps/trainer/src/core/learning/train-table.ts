import { PlatformError } from '#runtime';
import { encodeLabels, type Labels } from './labels.js';
import { assembleClassifier } from './assemble-model.js';
import type { FitContext, FittedModel, RecipeParameters } from './learner.js';
import { recipes, type Recipe, type RecipeId } from './recipes.js';
import { stratifiedSplit } from './split.js';
import { checkTable, takeRows, type Table } from './table.js';

export interface TableTraining {
  table: Table;
  recipe: RecipeId;
  /** As the request gives them; defaults are filled in. */
  parameters: unknown;
  /** Share of the rows held out for the metrics; a quarter when absent. */
  testShare?: number;
  context?: FitContext;
}

/** The rows that the fit has not seen, and what the fitted model says of them. */
export interface HeldOut {
  /** Row after row, float32. */
  rows: Float32Array;
  /** Class ids. */
  labels: Int32Array;
  /** Of the model in JavaScript, to be compared with those of the exported file. */
  probabilities: Float64Array;
}

export interface TrainedTable {
  columns: string[];
  classes: Labels;
  /** With the defaults filled in. */
  parameters: RecipeParameters;
  trainingRows: number;
  heldOut: HeldOut;
  model: FittedModel;
  onnx: Uint8Array;
}

const DEFAULT_TEST_SHARE = 0.25;
/** Two classes with a row on either side. */
const FEWEST_ROWS = 4;

/**
 * Splits a table, fits a recipe on one part and asks the fitted model about the other. The split depends on the labels, the share and
 * `random_state` only, so recipes and settings are compared on the same rows.
 * @throws PlatformError PARAMETER_INVALID, DATASET_INVALID, DATASET_TOO_SMALL
 */
export const trainTable = async (training: TableTraining): Promise<TrainedTable> => {
  const { table, recipe, testShare = DEFAULT_TEST_SHARE, context } = training;
  const { parameters, fit } = classifierOf(recipe).prepare(training.parameters);
  checkTable(table);
  if (table.labels.length < FEWEST_ROWS)
    throw new PlatformError(
      'DATASET_TOO_SMALL',
      `The data set has ${String(table.labels.length)} rows; ${String(FEWEST_ROWS)} are needed at least.`,
    );
  const { classes, ids } = encodeLabels(table.labels);
  const split = stratifiedSplit(ids, classes, testShare, parameters.random_state);
  const featureCount = table.columns.length;
  const model = await fit(
    {
      rows: takeRows(table, split.train),
      labels: split.train.map((row) => ids[row]),
      featureCount,
      classCount: classes.length,
      classNames: classes.map(String),
    },
    context,
  );
  const rows = takeRows(table, split.test);
  return {
    columns: table.columns,
    classes,
    parameters,
    trainingRows: split.train.length,
    heldOut: { rows, labels: split.test.map((row) => ids[row]), probabilities: model.predict(rows) },
    model,
    onnx: assembleClassifier(model, recipe, featureCount, classes),
  };
};

const classifierOf = (id: RecipeId): Extract<Recipe, { task: 'classification' }> => {
  const recipe: Recipe = recipes[id];
  if (recipe.task === 'classification') return recipe;
  throw new PlatformError('PARAMETER_INVALID', `The recipe "${id}" predicts quantities; the data sets have classes.`);
};
