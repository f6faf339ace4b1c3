import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openSession } from '#onnx/runtime';
import { recipeIdOf, recipes } from '../../core/learning/recipes.js';
import { plotsOf } from '../../core/plots/plots-of.js';
import type { RecipeProgress } from '../../core/recipe-runner.js';
import { inputExample, signatureOf } from '../../core/tables/describe-model.js';
import { shortened, trainTable, type TrainedTable } from '../../core/tables/train-table.js';
import { WorkerThreads } from '../learning/worker-threads.js';
import { writePlots } from '../plots/write-plots.js';
import { readTable } from '../tables/read-table.js';
import type { DataFile, ParamsFile, ResultFile } from './recipe-contract.js';

/**
 * Trains a built-in recipe and writes its files below `output`: the model into `model/`, pictures into `plots/`. The metrics are those of
 * the exported file, scored in onnxruntime on the rows held out.
 * @throws PlatformError with the code that the request is answered with.
 */
export const runBuiltInRecipe = async (
  { recipe, parameters }: ParamsFile,
  data: DataFile,
  output: string,
  onProgress: (progress: RecipeProgress) => void,
): Promise<Exclude<ResultFile, { error: unknown }>> => {
  const name = recipeIdOf(recipe);
  const { task } = recipes[name];
  // What is wrong with them is said before a large file is read.
  recipes[name].prepare(parameters);
  onProgress({ message: 'Reading the data set.' });
  const table = await readTable(data, { ...data, task });
  onProgress({ message: `Training on ${String(table.rowCount)} rows of ${String(table.columns.length)} columns.` });
  const trained = await trainTable(
    {
      table,
      name,
      recipe: recipes[name],
      parameters,
      testShare: data.testShare,
      stratify: data.stratify,
      folds: data.folds,
      context: {
        onProgress: (step, of) => {
          onProgress({ step, of, message: `Step ${String(step)} of ${String(of)}.` });
        },
        threads: new WorkerThreads(),
      },
    },
    openSession,
  );
  onProgress({ message: 'Writing the model and its pictures.' });
  await writeFile(join(output, 'model', 'model.onnx'), trained.onnx);
  await writeFile(join(output, 'model', 'input_example.json'), JSON.stringify(inputExample(table, trained)));
  return {
    metrics: trained.metrics,
    history: shortened(trained.history),
    facts: factsOf(trained),
    files: ['model.onnx', 'input_example.json'],
    artifacts: await writePlots(plotsOf(table, trained), output),
    signature: signatureOf(table),
  };
};

const factsOf = ({ split, encoder, model, scored }: TrainedTable): Record<string, string> => ({
  train_rows: String(split.train.length),
  test_rows: String(split.test.length),
  encoded_features: String(encoder.featureNames.length),
  ...Object.fromEntries(Object.entries(model.facts).map(([fact, value]) => [fact, String(value)])),
  export_difference: scored.greatestDifference.toExponential(2),
});
