import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeModel } from '#onnx';
import { openSession } from '#onnx/runtime';
import type { FittedModel } from '../../../apps/trainer/src/core/learning/learner.js';
import { recipeIdOf, recipes, type Recipe } from '../../../apps/trainer/src/core/learning/recipes.js';
import { WorkerThreads } from '../../../apps/trainer/src/outbound/learning/worker-threads.js';
import { bytesOf, readSets, type Answer, type Job } from './job.js';

/** Our side of the training figures: `main.js FOLDER JOB`, as bench/peers/training/learn.py takes it. */
const [, , folder, text] = process.argv;
const job = JSON.parse(text) as Job;
const set = readSets(folder)[job.set];
const rows = new Float32Array(bytesOf(join(folder, `${job.set}.f32`)));
const targets = new Float64Array(bytesOf(join(folder, `${job.set}.f64`)));

/** Rows, targets, or both, of some places. */
const taken = (places: Int32Array) => {
  const some = new Float32Array(places.length * set.features);
  places.forEach((row, place) => {
    some.set(rows.subarray(row * set.features, (row + 1) * set.features), place * set.features);
  });
  return { rows: some, targets: Float64Array.from(places, (row) => targets[row]) };
};

const fit = async (train: ReturnType<typeof taken>, threads = 1): Promise<{ model: FittedModel; seconds: number }> => {
  const recipe: Recipe = recipes[recipeIdOf(job.recipe)];
  const context = { threads: threads > 1 ? new WorkerThreads(threads) : undefined };
  const featureCount = set.features;
  const labels = Int32Array.from(train.targets);
  const startedAt = performance.now();
  const model =
    recipe.task === 'classification'
      ? await recipe
          .prepare(job.parameters)
          .fit({ rows: train.rows, labels, featureCount, classCount: set.classes }, context)
      : await recipe.prepare(job.parameters).fit({ ...train, featureCount }, context);
  return { model, seconds: (performance.now() - startedAt) / 1000 };
};

const labelsOf = (scores: ArrayLike<number>): Int32Array =>
  Int32Array.from({ length: scores.length / set.classes }, (_, row) => {
    let best = 0;
    for (let id = 1; id < set.classes; id++)
      if (scores[row * set.classes + id] > scores[row * set.classes + best]) best = id;
    return best;
  });

const scoreOf = (said: Float64Array, truth: Float64Array): number => {
  if (set.task === 'classification') {
    const labels = labelsOf(said);
    return labels.filter((label, row) => label === truth[row]).length / truth.length;
  }
  const mean = truth.reduce((sum, value) => sum + value, 0) / truth.length;
  const left = truth.reduce((sum, value, row) => sum + (value - said[row]) ** 2, 0);
  return 1 - left / truth.reduce((sum, value) => sum + (value - mean) ** 2, 0);
};

const crossValidated = async (threads: number): Promise<Answer> => {
  const foldOf = new Int8Array(bytesOf(join(folder, `${job.set}.folds`)));
  const answer = { seconds: [] as number[], scores: [] as number[] };
  const all = Int32Array.from({ length: set.rows }, (_, row) => row);
  for (let from = 0; from < foldOf.length; from += set.rows)
    for (let fold = 0; fold < 10; fold++) {
      const { model, seconds } = await fit(taken(all.filter((row) => foldOf[from + row] !== fold)), threads);
      const test = taken(all.filter((row) => foldOf[from + row] === fold));
      answer.seconds.push(seconds);
      answer.scores.push(scoreOf(model.predict(test.rows), test.targets));
    }
  return answer;
};

/** Scores first; of a classifier the label, too. */
const fileOf = (model: FittedModel): Uint8Array => {
  const { nodes, initializers, scores } = model.graph('features');
  const classifies = model.kind === 'classifier';
  const argMax = { axis: { int: 1 }, keepdims: { int: 0 } };
  return writeModel({
    name: job.recipe,
    inputs: [{ name: 'features', datatype: 'FP32', shape: [-1, set.features] }],
    outputs: [
      { name: scores, datatype: 'FP32', shape: [-1, set.classes] },
      ...(classifies ? [{ name: 'label_id', datatype: 'INT64' as const, shape: [-1] }] : []),
    ],
    initializers,
    nodes: [
      ...nodes,
      ...(classifies ? [{ op: 'ArgMax', inputs: [scores], outputs: ['label_id'], attributes: argMax }] : []),
    ],
  });
};

const exported = async (path: string): Promise<Answer> => {
  const { model } = await fit({ rows, targets });
  const file = fileOf(model);
  writeFileSync(path, file);
  writeFileSync(`${path}.js.f64`, model.predict(rows));
  const session = await openSession(file);
  const startedAt = performance.now();
  const shape = [set.rows, set.features];
  const [scores, labels] = await session.run([{ name: 'features', datatype: 'FP32', shape, data: rows }]);
  const seconds = (performance.now() - startedAt) / 1000;
  writeFileSync(`${path}.node.f32`, Float32Array.from(scores.data as Float32Array));
  if (model.kind === 'classifier')
    writeFileSync(`${path}.node.labels`, Float64Array.from(labels.data as BigInt64Array, Number));
  await session.release();
  return { seconds: [seconds] };
};

const answer =
  job.do === 'fit'
    ? { seconds: [(await fit({ rows, targets }, job.threads)).seconds] }
    : job.do === 'folds'
      ? await crossValidated(job.threads)
      : await exported(job.file);
process.stdout.write(`${JSON.stringify(answer)}\n`);
