import { z } from 'zod';
import { PlatformError } from '#runtime';
import { fitLogisticRegression } from './logistic-regression.js';
import { fitRandomForest } from './random-forest.js';
import type { Fit, FitProgress, FittedModel, RecipeParameters, TrainingData } from './recipe.js';

const wholeNumber = (lowest: number, highest: number) => {
  const error = `must be a whole number from ${String(lowest)} to ${String(highest)}`;
  return z.number({ error }).int({ error }).min(lowest, { error }).max(highest, { error });
};

const positiveNumber = (highest: number) => {
  const error = `must be a number greater than 0 and at most ${String(highest)}`;
  return z.number({ error }).gt(0, { error }).max(highest, { error });
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

const logisticRegression = strict({
  C: positiveNumber(1e6)
    .default(1)
    .meta({ description: 'Inverse strength of the L2 penalty on standardised features.' }),
  max_iter: wholeNumber(1, 100_000).default(100).meta({ description: 'Most L-BFGS iterations.' }),
  random_state: randomState,
});

const randomForest = strict({
  n_estimators: wholeNumber(1, 10_000).default(100).meta({ description: 'Number of trees.' }),
  max_depth: wholeNumber(1, 1_000)
    .nullable()
    .default(null)
    .meta({ description: 'Deepest a tree may grow; null: until every leaf is pure.' }),
  random_state: randomState,
});

/** A recipe's parameters with the defaults filled in, and the fit that takes them. */
export interface PreparedFit {
  parameters: RecipeParameters;
  fit: (data: TrainingData, onProgress?: FitProgress) => FittedModel;
}

/** A way to train that is built in. */
export interface Recipe {
  title: string;
  /** Strict: messages name the allowed range. */
  parameters: z.ZodType<RecipeParameters>;
  /** @throws PlatformError PARAMETER_INVALID naming every unknown or faulty parameter and what is allowed. */
  prepare: (given: unknown) => PreparedFit;
}

const recipe = <P extends RecipeParameters>(title: string, schema: z.ZodType<P>, fit: Fit<P>): Recipe => ({
  title,
  parameters: schema,
  prepare: (given) => {
    const parameters = parsed(title, schema, given);
    return { parameters, fit: (data, onProgress) => fit(data, parameters, onProgress) };
  },
});

const parsed = <P>(title: string, schema: z.ZodType<P>, given: unknown): P => {
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const faults = result.error.issues.map(({ path, message }) => [...path.map(String), message].join(' '));
  throw new PlatformError('PARAMETER_INVALID', `${title}: ${faults.join('; ')}.`);
};

/** The recipes that are built in; names and defaults of their parameters are scikit-learn's. */
export const recipes = {
  'logistic-regression': recipe('Logistic regression', logisticRegression, fitLogisticRegression),
  'random-forest': recipe('Random forest', randomForest, fitRandomForest),
} as const;

export type RecipeId = keyof typeof recipes;

/** @throws PlatformError RECIPE_UNKNOWN naming those there are. */
export const recipeIdOf = (id: string): RecipeId => {
  const known = Object.keys(recipes) as RecipeId[];
  const found = known.find((name) => name === id);
  if (found === undefined)
    throw new PlatformError('RECIPE_UNKNOWN', `There is no recipe "${id}"; the trainer has ${known.join(', ')}.`);
  return found;
};

/**
 * The parameters of a recipe with its defaults filled in.
 * @throws PlatformError PARAMETER_INVALID naming every unknown or faulty parameter and what is allowed.
 */
export const readParameters = (id: RecipeId, given: unknown): RecipeParameters => recipes[id].prepare(given).parameters;

export type { RecipeParameters };
