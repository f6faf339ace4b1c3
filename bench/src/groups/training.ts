import type { Bench } from '../bench.js';
import type { Figure } from '../figure.js';
import { Learners } from '../learning/learners.js';
import { median, summarise } from '../statistics.js';

interface Fit {
  name: string;
  set: string;
  recipe: string;
  parameters: object;
  threads: number;
  against: string;
  /** Our time is at most this many times the other's. */
  atMost?: number;
}

const forest = { n_estimators: 100, random_state: 0 };
const boosting = { max_iter: 100, early_stopping: false, random_state: 0 };

const fits: Fit[] = [
  {
    name: 'random forest, 100 trees',
    set: 'large',
    recipe: 'random-forest',
    parameters: forest,
    threads: 2,
    against: 'RandomForestClassifier, n_jobs=2',
    atMost: 0.5,
  },
  {
    name: 'gradient boosting, 100 rounds',
    set: 'large',
    recipe: 'gradient-boosting',
    parameters: boosting,
    threads: 2,
    against: 'HistGradientBoostingClassifier',
    atMost: 2,
  },
  {
    name: 'logistic regression',
    set: 'large',
    recipe: 'logistic-regression',
    parameters: {},
    threads: 1,
    against: 'StandardScaler + LogisticRegression',
    atMost: 2,
  },
  {
    name: 'random forest of values, 20 trees',
    set: 'large-values',
    recipe: 'random-forest-regressor',
    parameters: { ...forest, n_estimators: 20, min_samples_leaf: 5 },
    threads: 2,
    against: 'RandomForestRegressor, n_jobs=2',
  },
  {
    name: 'gradient boosting of values, 100 rounds',
    set: 'large-values',
    recipe: 'gradient-boosting-regressor',
    parameters: boosting,
    threads: 2,
    against: 'HistGradientBoostingRegressor',
  },
];

/** Times of a fit of 100,000 rows with 20 features, each in a process of its own that has fitted nothing before. */
export const measureTraining = async (bench: Bench): Promise<Figure[]> => {
  const learners = await Learners.start(bench);
  const figures: Figure[] = [];
  for (const fit of bench.only(fits))
    figures.push(...(await bench.attempt(fit.name, () => measureFit(bench, learners, fit))));
  return figures;
};

const measureFit = async (bench: Bench, learners: Learners, what: Fit): Promise<Figure> => {
  const { name, set, recipe, parameters, threads, against, atMost } = what;
  const [ours, theirs] = [[] as number[], [] as number[]];
  for (let round = 0; round < bench.rounds; round++) {
    ours.push(...(await learners.ours({ do: 'fit', set, recipe, parameters, threads })).seconds);
    theirs.push(...(await learners.theirs({ do: 'fit', set, recipe, parameters, threads })).seconds);
  }
  const ratio = median(ours.map((seconds, round) => seconds / theirs[round]));
  return {
    group: 'training',
    name,
    ours: timesOf(ours),
    theirs: timesOf(theirs),
    against,
    ratio,
    target: atMost === undefined ? 'reported' : `≤ ${String(atMost)} × the time`,
    ...(atMost !== undefined && { met: ratio <= atMost }),
    notes: `${String(threads)} thread${threads === 1 ? '' : 's'} each; ${learners.versions}`,
  };
};

export const timesOf = (seconds: readonly number[]) =>
  summarise([
    { latenciesMs: seconds.map((each) => each * 1000), seconds: seconds.reduce((sum, each) => sum + each, 0) },
  ]);
