import type { TrainingRequested } from '#contracts';
import type { ParameterValue } from './learning/learner.js';
import { readParameters, recipeIdOf, type RecipeId, type RecipeParameters } from './learning/recipes.js';

/** A request with every default filled in. */
export interface TrainingPlan {
  recipe: RecipeId;
  parameters: RecipeParameters;
  dataset: { uri: string; target?: string; features?: string[] };
  testShare: number;
}

const DEFAULT_DATASET = 'builtin:iris';
const DEFAULT_TEST_SHARE = 0.25;

/** @throws PlatformError RECIPE_UNKNOWN, PARAMETER_INVALID with a sentence that says what to change. */
export const planOf = ({ recipe, parameters, dataset }: TrainingRequested): TrainingPlan => {
  const id = recipeIdOf(recipe);
  return {
    recipe: id,
    parameters: readParameters(id, parameters),
    dataset: { uri: dataset?.uri ?? DEFAULT_DATASET, target: dataset?.target, features: dataset?.features },
    testShare: dataset?.testShare ?? DEFAULT_TEST_SHARE,
  };
};

/** As the run logs them: `model_type`, then the recipe's parameters under scikit-learn's names and in its words. */
export const shownParams = (plan: TrainingPlan): Record<string, string> => ({
  model_type: plan.recipe,
  ...Object.fromEntries(Object.entries(plan.parameters).map(([name, value]) => [name, inPython(value)])),
  dataset: withoutSecrets(plan.dataset.uri),
  test_share: String(plan.testShare),
  ...(plan.dataset.target !== undefined && { target: plan.dataset.target }),
  ...(plan.dataset.features !== undefined && { features: plan.dataset.features.join(', ') }),
});

const inPython = (value: ParameterValue): string => {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
};

/** User, password, query and fragment of an address may hold secrets (a presigned URL does): they are not logged. */
export const withoutSecrets = (uri: string): string =>
  uri.replace(/^(https?:\/\/)[^/?#]*@/i, '$1').replace(/^(https?:[^?#]*)[?#].*$/is, '$1');
