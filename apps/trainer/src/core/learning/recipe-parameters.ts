import { z } from 'zod';

const wholeNumber = (lowest: number, highest: number) => {
  const error = `must be a whole number from ${String(lowest)} to ${String(highest)}`;
  return z.number({ error }).int({ error }).min(lowest, { error }).max(highest, { error });
};

const numberAbove = (lowest: number, highest: number) => {
  const error = `must be a number greater than ${String(lowest)} and at most ${String(highest)}`;
  return z.number({ error }).gt(lowest, { error }).max(highest, { error });
};

const numberFrom = (lowest: number, highest: number) => {
  const error = `must be a number from ${String(lowest)} to ${String(highest)}`;
  return z.number({ error }).min(lowest, { error }).max(highest, { error });
};

const oneOf = <const T extends readonly [string, ...string[]]>(names: T) =>
  z.enum(names, { error: `must be ${names.map((name) => `"${name}"`).join(' or ')}` });

const yesOrNo = z.boolean({ error: 'must be true or false' });

/** A number of rows, or a share of them: JSON does not tell 1.0 from 1, so 1 is one row. */
const rowsOrShare = (lowest: number) => {
  const error = `must be a whole number from ${String(lowest)} to 1000000, or a share between 0 and 1`;
  return z
    .number({ error })
    .gt(0, { error })
    .max(1_000_000, { error })
    .refine((value) => value < 1 || (Number.isInteger(value) && value >= lowest), { error });
};

/** Unlike scikit-learn's `None`, the default is fixed: what is asked for twice is the same twice. */
const randomState = wholeNumber(0, 2 ** 32 - 1)
  .default(0)
  .meta({ description: 'Seed of the held-out split and of all that is random in the fit.' });

const strict = <S extends z.core.$ZodLooseShape>(shape: S) =>
  z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? `${issue.keys.map((key) => `"${key}"`).join(', ')} unknown; the parameters are ${Object.keys(shape).join(', ')}`
        : undefined,
  });

const classWeightFault = 'must be "balanced", null, or an object of a positive number for each class it names';

export const logisticRegression = strict({
  penalty: z
    .enum(['l2', 'none'], { error: 'must be "l2", "none" or null' })
    .nullable()
    .default('l2')
    .meta({ description: 'What keeps the weights small; null as `none`.' }),
  C: numberAbove(0, 1e6)
    .default(1)
    .meta({ description: 'Inverse strength of the L2 penalty on standardised features.' }),
  tol: numberAbove(0, 1).default(1e-4).meta({ description: 'Done when no slope of the loss is greater.' }),
  max_iter: wholeNumber(1, 100_000).default(100).meta({ description: 'Most L-BFGS iterations.' }),
  solver: z
    .enum(['lbfgs', 'newton-cg', 'newton-cholesky', 'sag', 'saga'], {
      error:
        'must be "lbfgs", "newton-cg", "newton-cholesky", "sag" or "saga", which end at the same optimum; "liblinear" does not',
    })
    .default('lbfgs')
    .meta({ description: 'Accepted so that settings can be taken over; the fit is L-BFGS whichever is named.' }),
  class_weight: z
    .union(
      [
        z.literal('balanced'),
        z.record(z.string(), z.number({ error: classWeightFault }).positive({ error: classWeightFault })),
      ],
      { error: classWeightFault },
    )
    .nullable()
    .default(null)
    .meta({ description: 'What rows of a class weigh: `balanced`, or numbers by class.' }),
  random_state: randomState,
});

export const linearRegression = strict({ random_state: randomState });

export const ridge = strict({
  alpha: numberFrom(0, 1e12).default(1).meta({ description: 'Strength of the L2 penalty on standardised features.' }),
  random_state: randomState,
});

const forest = {
  n_estimators: wholeNumber(1, 10_000).default(100).meta({ description: 'Number of trees.' }),
  max_depth: wholeNumber(1, 1_000)
    .nullable()
    .default(null)
    .meta({ description: 'Deepest a tree may grow; null: until every leaf is pure.' }),
  min_samples_split: rowsOrShare(2)
    .default(2)
    .meta({ description: 'Rows, or share of them, that a node needs to be split.' }),
  min_samples_leaf: rowsOrShare(1).default(1).meta({ description: 'Rows, or share of them, that every leaf keeps.' }),
  bootstrap: yesOrNo.default(true).meta({ description: 'Each tree learns from a sample drawn with replacement.' }),
  oob_score: yesOrNo.default(false).meta({ description: 'Score the rows by the trees that did not draw them.' }),
  random_state: randomState,
};

const featuresFault = 'must be "sqrt", "log2", null, a whole number from 1 to 1000000, or a share between 0 and 1';
const maxFeatures = z
  .union(
    [
      z.enum(['sqrt', 'log2'], { error: featuresFault }),
      z
        .number({ error: featuresFault })
        .refine((value) => (value > 0 && value < 1) || (Number.isInteger(value) && value >= 1 && value <= 1e6), {
          error: featuresFault,
        }),
    ],
    { error: featuresFault },
  )
  .nullable()
  .meta({ description: 'Features tried at each split: so many, a share, or null for all.' });

export const randomForest = strict({
  ...forest,
  criterion: oneOf(['gini', 'entropy', 'log_loss']).default('gini').meta({ description: 'What a split lessens.' }),
  max_features: maxFeatures.default('sqrt'),
});

export const randomForestRegressor = strict({
  ...forest,
  criterion: oneOf(['squared_error', 'friedman_mse', 'absolute_error', 'poisson'])
    .default('squared_error')
    .meta({ description: 'What a split lessens.' }),
  max_features: maxFeatures.default(null),
});

const stoppingFault = 'must be "auto", true or false';

/** HistGradientBoosting's, for classes and values alike. */
export const gradientBoosting = strict({
  learning_rate: numberAbove(0, 1).default(0.1).meta({ description: 'How much of each tree is taken.' }),
  max_iter: wholeNumber(1, 10_000)
    .default(100)
    .meta({ description: 'Most rounds; each grows a tree, or one per class.' }),
  max_leaf_nodes: wholeNumber(2, 1_000)
    .nullable()
    .default(31)
    .meta({ description: 'Most leaves of a tree; null: no bound.' }),
  max_depth: wholeNumber(1, 1_000)
    .nullable()
    .default(null)
    .meta({ description: 'Deepest a tree may grow; null: no bound.' }),
  min_samples_leaf: wholeNumber(1, 1_000_000).default(20).meta({ description: 'Rows that every leaf keeps.' }),
  l2_regularization: numberFrom(0, 1e12).default(0).meta({ description: 'Added to the curvature of each leaf.' }),
  early_stopping: z
    .union([z.literal('auto'), z.boolean()], { error: stoppingFault })
    .default('auto')
    .meta({ description: 'End when a share held out improves no more; `auto`: beyond 10,000 rows.' }),
  validation_fraction: z
    .number({ error: 'must be a share between 0 and 1' })
    .gt(0, { error: 'must be a share between 0 and 1' })
    .lt(1, { error: 'must be a share between 0 and 1' })
    .default(0.1)
    .meta({ description: 'Share held out where the fit may end early.' }),
  n_iter_no_change: wholeNumber(1, 10_000)
    .default(10)
    .meta({ description: 'Rounds without improvement that end the fit.' }),
  tol: numberFrom(0, 1e12).default(1e-7).meta({ description: 'An improvement is more than this.' }),
  random_state: randomState,
});
