import type { Bench } from '../bench.js';
import type { Figure } from '../figure.js';
import { Learners } from '../learning/learners.js';
import { timesOf } from './training.js';

const recipesFor = {
  classification: ['logistic-regression', 'random-forest', 'gradient-boosting'],
  regression: ['linear-regression', 'ridge', 'random-forest-regressor', 'gradient-boosting-regressor'],
} as const;

/** Half a point of accuracy or R². */
const NOT_WORSE = 0.005;

/** 5 × 10-fold cross-validation of every recipe on every data set, on the same folds as scikit-learn, with defaults on both sides. */
export const measureTrainingQuality = async (bench: Bench): Promise<Figure[]> => {
  const learners = await Learners.start(bench);
  const pairs = Object.entries(learners.sets)
    .filter(([set]) => !set.startsWith('large'))
    .flatMap(([set, { task }]) => recipesFor[task].map((recipe) => ({ name: `${recipe} on ${set}`, set, recipe })));
  const figures: Figure[] = [];
  for (const pair of bench.only(pairs))
    figures.push(...(await bench.attempt(pair.name, () => measurePair(learners, pair))));
  return figures;
};

const measurePair = async (
  learners: Learners,
  { name, set, recipe }: { name: string; set: string; recipe: string },
): Promise<Figure> => {
  const seed = recipe.startsWith('linear') || recipe === 'ridge' ? {} : { random_state: 0 };
  const threads = recipe.startsWith('random-forest') ? 2 : 1;
  const job = { do: 'folds', set, recipe, parameters: seed, threads } as const;
  const ours = await learners.ours(job);
  const theirs = await learners.theirs(job);
  const [mine, other] = [ours.scores ?? [], theirs.scores ?? []];
  const compared = comparePairs(mine, other);
  const metric = learners.sets[set].task === 'classification' ? 'accuracy' : 'R²';
  return {
    group: 'training-quality',
    name,
    ours: timesOf(ours.seconds),
    theirs: timesOf(theirs.seconds),
    against: 'scikit-learn',
    ratio: meanOf(mine) / meanOf(other),
    target: 'difference within two standard errors, or not below -0.5 points',
    met: Math.abs(compared.mean) <= 2 * compared.standardError || compared.mean >= -NOT_WORSE,
    notes: `${metric} ${meanOf(mine).toFixed(4)} against ${meanOf(other).toFixed(4)}: ${points(compared.mean)} points, standard error ${points(compared.standardError)}, ${String(mine.length)} folds; the ratio is that of the scores; ${String(threads)} thread${threads === 1 ? '' : 's'} each; ${learners.versions}`,
  };
};

/** Of the differences, fold by fold: both sides have learnt from the same rows. */
export const comparePairs = (
  ours: readonly number[],
  theirs: readonly number[],
): { mean: number; standardError: number } => {
  if (ours.length !== theirs.length || ours.length < 2) throw new Error('Each fold needs its neighbour.');
  const differences = ours.map((score, fold) => score - theirs[fold]);
  const mean = meanOf(differences);
  const variance = differences.reduce((sum, each) => sum + (each - mean) ** 2, 0) / (differences.length - 1);
  return { mean, standardError: Math.sqrt(variance / differences.length) };
};

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

const points = (share: number): string => (100 * share).toFixed(2);
