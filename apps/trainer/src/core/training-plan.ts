import type { RecipeCatalogue } from './recipe-catalogue.js';
import type { ParameterValues, RecipeDeclaration } from './recipe-declaration.js';
import type { TableOptions } from './recipe-runner.js';
import type { ResolvedRequest } from './resolved-request.js';

/** A request with every default filled in. */
export interface TrainingPlan extends Pick<TableOptions, 'testShare' | 'stratify' | 'folds'> {
  recipe: RecipeDeclaration;
  parameters: ParameterValues;
  /** Absent: the recipe has data of its own. */
  dataset?: Pick<TableOptions, 'target' | 'features' | 'drop' | 'types'> & { uri: string };
}

const DEFAULT_DATASET = 'builtin:iris';
const DEFAULT_TEST_SHARE = 0.25;

/** @throws PlatformError RECIPE_UNKNOWN, PARAMETER_INVALID with a sentence that says what to change. */
export const planOf = (
  { recipe: id, parameters, dataset }: ResolvedRequest,
  catalogue: RecipeCatalogue,
): TrainingPlan => {
  const recipe = catalogue.find(id);
  const { target, features, drop, types, testShare = DEFAULT_TEST_SHARE, stratify = true, folds } = dataset ?? {};
  const uri = dataset?.uri ?? (recipe.external === undefined ? DEFAULT_DATASET : undefined);
  return {
    recipe,
    parameters: recipe.readParameters(parameters),
    ...(uri !== undefined && { dataset: { uri, target, features, drop, types } }),
    testShare,
    stratify,
    ...(folds !== undefined && { folds }),
  };
};

/** As the run logs them: `model_type`, then the recipe's parameters under scikit-learn's names and in its words. */
export const shownParams = ({ recipe, parameters, dataset, ...split }: TrainingPlan): Record<string, string> => ({
  model_type: recipe.id,
  ...Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, inWords(value)])),
  ...(dataset !== undefined && {
    dataset: withoutSecrets(dataset.uri),
    ...shownOptions({ ...dataset, ...split }),
  }),
});

const shownOptions = ({ testShare, stratify, folds, target, features, drop, types }: TableOptions) => ({
  test_share: String(testShare),
  ...(!stratify && { stratify: 'False' }),
  ...(folds !== undefined && { folds: String(folds) }),
  ...(target !== undefined && { target }),
  ...(features !== undefined && { features: features.join(', ') }),
  ...(drop !== undefined && { drop: drop.join(', ') }),
  ...(types !== undefined && { types: JSON.stringify(types) }),
});

const inWords = (value: unknown): string => {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return typeof value === 'string' ? value : JSON.stringify(value);
};

/** User, password, query and fragment of an address may hold secrets (a presigned URL does): they are not logged. */
export const withoutSecrets = (uri: string): string =>
  uri.replace(/^(https?:\/\/)[^/?#]*@/i, '$1').replace(/^(https?:[^?#]*)[?#].*$/is, '$1');
