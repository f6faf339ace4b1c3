import { describe, expect, it } from 'vitest';
import { readParameters, recipeIdOf, recipes, type RecipeId } from './recipes.js';

describe('recipes', () => {
  it('have the defaults of scikit-learn and a fixed seed', () => {
    expect(readParameters('logistic-regression', {})).toEqual({ C: 1, max_iter: 100, random_state: 0 });
    expect(readParameters('random-forest', {})).toEqual({ n_estimators: 100, max_depth: null, random_state: 0 });
  });

  it('take what is given', () => {
    const given = { n_estimators: 7, max_depth: 3, random_state: 42 };
    expect(readParameters('random-forest', given)).toEqual(given);
    expect(recipes['random-forest'].parameters.safeParse(given).data).toEqual(given);
  });

  it.each<[RecipeId, unknown, string]>([
    ['random-forest', { n_estimators: 0 }, 'n_estimators must be a whole number from 1 to 10000'],
    ['random-forest', { n_estimators: 1.5 }, 'n_estimators must be a whole number from 1 to 10000'],
    ['random-forest', { n_estimators: '100' }, 'n_estimators must be a whole number from 1 to 10000'],
    ['random-forest', { max_depth: 0 }, 'max_depth must be a whole number from 1 to 1000'],
    ['random-forest', { random_state: -1 }, 'random_state must be a whole number from 0 to 4294967295'],
    ['logistic-regression', { C: 0 }, 'C must be a number greater than 0 and at most 1000000'],
    ['logistic-regression', { C: null }, 'C must be a number greater than 0 and at most 1000000'],
    ['logistic-regression', { max_iter: 1e9 }, 'max_iter must be a whole number from 1 to 100000'],
    ['logistic-regression', { c: 1, iter: 2 }, '"c", "iter" unknown; the parameters are C, max_iter, random_state'],
    ['random-forest', { max_depth: -1, n_estimators: 'x' }, 'n_estimators must be'],
    ['random-forest', [], 'expected object'],
  ])('refuse %s with %j', (recipe, given, sentence) => {
    expect(() => readParameters(recipe, given)).toThrow(/^PARAMETER_INVALID/);
    expect(() => readParameters(recipe, given)).toThrow(sentence);
  });

  it('are known by their id only', () => {
    expect(recipeIdOf('random-forest')).toBe('random-forest');
    for (const id of ['xgboost', 'constructor', ''])
      expect(() => recipeIdOf(id)).toThrow(
        `There is no recipe "${id}"; the trainer has logistic-regression, random-forest.`,
      );
  });
});
