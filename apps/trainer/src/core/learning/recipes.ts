import type { z } from 'zod';
import { PlatformError } from '#runtime';
import type { ClassifierData, Fit, FitContext, FittedModel, RecipeParameters, RegressorData } from './learner.js';
import { fitLinearRegression, fitRidge } from './linear/least-squares.js';
import { fitLogisticRegression } from './linear/logistic-regression.js';
import * as schemas from './recipe-parameters.js';
import { fitBoostingClassifier, fitBoostingRegressor } from './trees/gradient-boosting.js';
import { fitForestClassifier, fitForestRegressor } from './trees/random-forest.js';

/** A recipe's parameters with the defaults filled in, and the fit that takes them. */
export interface PreparedFit<D = never> {
  parameters: RecipeParameters;
  fit: (data: D, context?: FitContext) => Promise<FittedModel>;
}

interface RecipeOf<Task extends string, D> {
  title: string;
  task: Task;
  /** Strict: messages name the allowed range. */
  parameters: z.ZodType<RecipeParameters>;
  /** @throws PlatformError PARAMETER_INVALID naming every unknown or faulty parameter and what is allowed. */
  prepare: (given: unknown) => PreparedFit<D>;
}

/** A way to train that is built in; what it predicts says which data it takes. */
export type Recipe = RecipeOf<'classification', ClassifierData> | RecipeOf<'regression', RegressorData>;

const recipe = <Task extends string, D, P extends RecipeParameters>(
  task: Task,
  title: string,
  schema: z.ZodType<P>,
  fit: Fit<D, P>,
): RecipeOf<Task, D> => ({
  title,
  task,
  parameters: schema,
  prepare: (given) => {
    const parameters = parsed(title, schema, given);
    return { parameters, fit: (data, context) => fit(data, parameters, context) };
  },
});

const classifier = <P extends RecipeParameters>(title: string, schema: z.ZodType<P>, fit: Fit<ClassifierData, P>) =>
  recipe('classification', title, schema, fit);

const regressor = <P extends RecipeParameters>(title: string, schema: z.ZodType<P>, fit: Fit<RegressorData, P>) =>
  recipe('regression', title, schema, fit);

const parsed = <P>(title: string, schema: z.ZodType<P>, given: unknown): P => {
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const faults = result.error.issues.map(({ path, message }) => [...path.map(String), message].join(' '));
  throw new PlatformError('PARAMETER_INVALID', `${title}: ${faults.join('; ')}.`);
};

/** The recipes that are built in; names and defaults of their parameters are scikit-learn's. */
export const recipes = {
  'logistic-regression': classifier('Logistic regression', schemas.logisticRegression, fitLogisticRegression),
  'random-forest': classifier('Random forest', schemas.randomForest, fitForestClassifier),
  'gradient-boosting': classifier('Gradient boosting', schemas.gradientBoosting, fitBoostingClassifier),
  'linear-regression': regressor('Linear regression', schemas.linearRegression, fitLinearRegression),
  ridge: regressor('Ridge regression', schemas.ridge, fitRidge),
  'random-forest-regressor': regressor('Random forest regressor', schemas.randomForestRegressor, fitForestRegressor),
  'gradient-boosting-regressor': regressor(
    'Gradient boosting regressor',
    schemas.gradientBoosting,
    fitBoostingRegressor,
  ),
} as const satisfies Record<string, Recipe>;

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
