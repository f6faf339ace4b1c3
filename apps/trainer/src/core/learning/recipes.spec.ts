import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readParameters, recipeIdOf, recipes, type RecipeId } from './recipes.js';

describe('recipes', () => {
  it('have the defaults of scikit-learn and a fixed seed', () => {
    expect(readParameters('logistic-regression', {})).toEqual({
      penalty: 'l2',
      C: 1,
      tol: 1e-4,
      max_iter: 100,
      solver: 'lbfgs',
      class_weight: null,
      random_state: 0,
    });
    const forest = {
      n_estimators: 100,
      max_depth: null,
      min_samples_split: 2,
      min_samples_leaf: 1,
      bootstrap: true,
      oob_score: false,
      random_state: 0,
    };
    expect(readParameters('random-forest', {})).toEqual({ ...forest, criterion: 'gini', max_features: 'sqrt' });
    // scikit-learn's 1.0: all.
    expect(readParameters('random-forest-regressor', {})).toEqual({
      ...forest,
      criterion: 'squared_error',
      max_features: null,
    });
    for (const id of ['gradient-boosting', 'gradient-boosting-regressor'] as const)
      expect(readParameters(id, {})).toEqual({
        learning_rate: 0.1,
        max_iter: 100,
        max_leaf_nodes: 31,
        max_depth: null,
        min_samples_leaf: 20,
        l2_regularization: 0,
        early_stopping: 'auto',
        validation_fraction: 0.1,
        n_iter_no_change: 10,
        tol: 1e-7,
        random_state: 0,
      });
    expect(readParameters('linear-regression', {})).toEqual({ random_state: 0 });
    expect(readParameters('ridge', {})).toEqual({ alpha: 1, random_state: 0 });
  });

  it('take what is given', () => {
    const given = { n_estimators: 7, max_depth: 3, random_state: 42 };
    expect(readParameters('random-forest', given)).toMatchObject(given);
    expect(recipes['random-forest'].parameters.safeParse(given).data).toMatchObject(given);
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
    ['logistic-regression', { c: 1, iter: 2 }, '"c", "iter" unknown; the parameters are penalty, C, tol, max_iter,'],
    ['logistic-regression', { penalty: 'l1' }, 'penalty must be "l2", "none" or null'],
    ['logistic-regression', { solver: 'liblinear' }, '"liblinear" does not'],
    ['logistic-regression', { class_weight: { a: 0 } }, 'class_weight a must be "balanced", null, or an object'],
    ['random-forest', { max_features: 0 }, 'max_features must be "sqrt", "log2", null, a whole number'],
    ['random-forest', { max_features: 'auto' }, 'max_features must be "sqrt", "log2", null, a whole number'],
    ['random-forest', { min_samples_leaf: 1.5 }, 'min_samples_leaf must be a whole number from 1 to'],
    ['random-forest', { min_samples_split: 1 }, 'min_samples_split must be a whole number from 2 to'],
    ['random-forest', { criterion: 'mse' }, 'criterion must be "gini" or "entropy" or "log_loss"'],
    [
      'random-forest-regressor',
      { criterion: 'gini' },
      'criterion must be "squared_error" or "friedman_mse" or "absolute_error" or "poisson"',
    ],
    ['ridge', { alpha: -1 }, 'alpha must be a number from 0 to'],
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
        `There is no recipe "${id}"; the trainer has ${Object.keys(recipes).join(', ')}.`,
      );
  });

  it('are described in docs/training.md, with every parameter and its default and no other', () => {
    const page = readFileSync(new URL('../../../../../docs/training.md', import.meta.url), 'utf8');
    for (const [id, recipe] of Object.entries(recipes)) {
      const [, section] = page.split(`\n### \`${id}\`\n`);
      const rows = [
        ...section
          .split('\n### ')[0]
          .split('\n## ')[0]
          .matchAll(/^\| `(\w+)` +\| `(.*?)` +\|/gm),
      ];
      const told = rows.map(([, name, value]) => [name, value]);
      const known = Object.entries(recipe.prepare({}).parameters).map(([name, value]) => [name, JSON.stringify(value)]);
      expect(told.sort()).toEqual(known.sort());
    }
  });
});
