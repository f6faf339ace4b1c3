import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openSession } from '#onnx/runtime';
import { PlatformError } from '#runtime';
import { isTexts } from '../../core/learning/labels.js';
import { recipeIdOf } from '../../core/learning/recipes.js';
import { heldOutInput, scoreExport } from '../../core/learning/score-export.js';
import { readTable } from '../../core/learning/table.js';
import { trainTable, type TrainedTable } from '../../core/learning/train-table.js';
import type { RecipeProgress } from '../../core/recipe-runner.js';
import { readCsv } from '../data-sources/csv-records.js';
import { WorkerThreads } from '../learning/worker-threads.js';
import type { DataFile, ParamsFile, ResultFile } from './recipe-contract.js';

const EXAMPLE_ROWS = 3;

/**
 * Trains a built-in recipe and writes the model's files into `modelFolder`. The metrics are those of the exported file,
 * scored in onnxruntime on the rows held out.
 * @throws PlatformError with the code that the request is answered with.
 */
export const runBuiltInRecipe = async (
  { recipe, parameters }: ParamsFile,
  data: DataFile,
  modelFolder: string,
  onProgress: (progress: RecipeProgress) => void,
): Promise<Exclude<ResultFile, { error: unknown }>> => {
  onProgress({ message: 'Reading the data set.' });
  if (data.format !== 'csv')
    throw new PlatformError('DATASET_INVALID', `Built-in recipes read CSV; this data set is ${data.format}.`);
  const table = readTable(await readCsv(data.path), data.target, data.features);
  const trained = await trainTable({
    table,
    recipe: recipeIdOf(recipe),
    parameters,
    testShare: data.testShare,
    context: {
      onProgress: (step, of) => {
        onProgress({ step, of, message: `Step ${String(step)} of ${String(of)}.` });
      },
      threads: new WorkerThreads(),
    },
  });
  onProgress({ message: 'Scoring the exported model.' });
  const { metrics, greatestDifference } = await scored(trained);
  await writeFile(join(modelFolder, 'model.onnx'), trained.onnx);
  await writeFile(join(modelFolder, 'input_example.json'), JSON.stringify(exampleOf(trained)));
  return {
    metrics: { ...metrics },
    facts: {
      train_rows: String(trained.trainingRows),
      test_rows: String(trained.heldOut.labels.length),
      ...Object.fromEntries(Object.entries(trained.model.facts).map(([name, value]) => [name, String(value)])),
      export_difference: greatestDifference.toExponential(2),
    },
    files: ['model.onnx', 'input_example.json'],
    signature: signatureOf(trained),
  };
};

const scored = async (trained: TrainedTable) => {
  const session = await openSession(trained.onnx);
  try {
    return scoreExport(trained, await session.run([heldOutInput(trained)]));
  } finally {
    await session.release();
  }
};

/** A frame in pandas' "split" orientation, as MLflow reads it. */
const exampleOf = ({ columns, heldOut }: TrainedTable) => ({
  columns,
  data: Array.from({ length: Math.min(EXAMPLE_ROWS, heldOut.labels.length) }, (_, row) =>
    // float32 holds about seven digits: 5.1, not 5.099999904632568.
    Array.from(heldOut.rows.subarray(row * columns.length, (row + 1) * columns.length), (value) =>
      Number(value.toPrecision(7)),
    ),
  ),
});

const signatureOf = ({ columns, classes }: TrainedTable) => ({
  inputs: columns.map((name) => ({ name, type: 'double' })),
  outputs: [
    { name: 'label', dtype: isTexts(classes) ? 'str' : 'int64', shape: [-1] },
    { name: 'probabilities', dtype: 'float32', shape: [-1, classes.length] },
  ],
});
