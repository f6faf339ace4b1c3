import type { Bench } from '../bench.js';
import type { Figure } from '../figure.js';
import { bytesOf } from '../learning/job.js';
import { Learners } from '../learning/learners.js';
import { timesOf } from './training.js';

const TOLERANCE = 1e-5;
/** Below that two scores are nearly tied, and either label will do. */
const TIED = 2e-5;

const models = [
  { name: 'logistic regression', set: 'synthetic', recipe: 'logistic-regression', parameters: {} },
  { name: 'logistic regression, three classes', set: 'wine', recipe: 'logistic-regression', parameters: {} },
  { name: 'random forest', set: 'synthetic', recipe: 'random-forest', parameters: {} },
  { name: 'random forest, three classes', set: 'iris', recipe: 'random-forest', parameters: {} },
  { name: 'gradient boosting', set: 'synthetic', recipe: 'gradient-boosting', parameters: {} },
  { name: 'gradient boosting, three classes', set: 'wine', recipe: 'gradient-boosting', parameters: {} },
  { name: 'linear regression', set: 'diabetes', recipe: 'linear-regression', parameters: {} },
  { name: 'ridge', set: 'diabetes', recipe: 'ridge', parameters: {} },
  {
    name: 'random forest of values',
    set: 'synthetic-values',
    recipe: 'random-forest-regressor',
    parameters: { n_estimators: 30 },
  },
  { name: 'gradient boosting of values', set: 'diabetes', recipe: 'gradient-boosting-regressor', parameters: {} },
];

/** One exported file in three hands: the model in JavaScript, onnxruntime in Node, onnxruntime in Python. */
export const measureExported = async (bench: Bench): Promise<Figure[]> => {
  const learners = await Learners.start(bench);
  const figures: Figure[] = [];
  for (const model of bench.only(models))
    figures.push(...(await bench.attempt(model.name, () => compareModel(learners, model))));
  return figures;
};

const compareModel = async (learners: Learners, model: (typeof models)[number]): Promise<Figure> => {
  const { name, set, recipe, parameters } = model;
  const file = learners.pathOf(`${recipe}-${set}.onnx`);
  const job = { do: 'run', set, recipe, parameters, file } as const;
  const ours = await learners.ours(job);
  const theirs = await learners.theirs(job);
  const { classes, task } = learners.sets[set];
  const js = new Float64Array(bytesOf(`${file}.js.f64`));
  const runtimes = ['node', 'python'].map((runtime) => ({
    scores: new Float32Array(bytesOf(`${file}.${runtime}.f32`)),
    labels: task === 'classification' ? new Float64Array(bytesOf(`${file}.${runtime}.labels`)) : undefined,
  }));
  const apart = Math.max(...runtimes.map(({ scores }) => furthest(js, scores)));
  const wrong = runtimes.reduce(
    (sum, { labels }) => sum + (labels === undefined ? 0 : mislabelled(js, labels, classes)),
    0,
  );
  return {
    group: 'exported',
    name,
    ours: timesOf(ours.seconds),
    theirs: timesOf(theirs.seconds),
    against: 'onnxruntime in Python',
    ratio: apart / TOLERANCE,
    target: '≤ 1e-5·max(1, abs(y)) apart, the same labels',
    met: apart <= TOLERANCE && wrong === 0,
    notes: `${String(js.length / classes)} rows of ${set}: at most ${apart.toExponential(1)} apart from the model in JavaScript, ${String(wrong)} labels differ; times are those of one run of all rows, the ratio is that of the greatest distance to what is allowed; ${learners.versions}`,
  };
};

/** The greatest distance, as a share of the greater of 1 and the value. */
export const furthest = (js: Float64Array, said: Float32Array): number => {
  if (js.length !== said.length) return Infinity;
  return js.reduce((most, value, place) => {
    const apart = Math.abs(value - said[place]) / Math.max(1, Math.abs(value));
    return Number.isNaN(apart) ? Infinity : Math.max(most, apart);
  }, 0);
};

/** Rows whose label is not that of the greatest score, though that is no tie. */
export const mislabelled = (js: Float64Array, labels: Float64Array, classes: number): number =>
  labels.reduce((count, label, row) => {
    const scores = js.subarray(row * classes, (row + 1) * classes);
    const greatest = scores.reduce((most, score) => Math.max(most, score), -Infinity);
    return count + (greatest - scores[label] > TIED || !(label in scores) ? 1 : 0);
  }, 0);
