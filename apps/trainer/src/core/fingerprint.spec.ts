import { expect, it } from 'vitest';
import { trainingRequested } from '#contracts';
import { BuiltInCatalogue } from './built-in-recipes.js';
import { fingerprintOf } from './fingerprint.js';
import { planOf } from './training-plan.js';

const catalogue = new BuiltInCatalogue({ memoryBytes: 1, diskBytes: 1 });
const fingerprint = (request: object, sha256 = 'a', register = true) => {
  const parsed = trainingRequested.parse({ model: 'm', ...request });
  const plan = planOf({ ...parsed, recipe: parsed.recipe ?? 'random-forest' }, catalogue);
  return fingerprintOf(plan, register, sha256);
};
const asked = { parameters: { n_estimators: 10 }, dataset: { uri: 'https://h/x.csv?token=1', target: 'y' } };

it('is the same for the same recipe, parameters and bytes, by whatever address they came', () => {
  const same = { parameters: { random_state: 0, n_estimators: 10 }, dataset: { target: 'y', uri: 's3://b/k' } };
  expect(fingerprint(same)).toBe(fingerprint(asked));
});

it.each([
  ['a parameter', { ...asked, parameters: { n_estimators: 11 } }],
  ['the recipe', { ...asked, recipe: 'logistic-regression', parameters: {} }],
  ['the target', { ...asked, dataset: { uri: 'https://h/x.csv' } }],
  ['the share held out', { ...asked, dataset: { ...asked.dataset, testShare: 0.5 } }],
])('is another when %s changed', (_, request) => {
  expect(fingerprint(request)).not.toBe(fingerprint(asked));
});

it('is another when the bytes changed, or when only a run was asked for', () => {
  expect(fingerprint(asked, 'b')).not.toBe(fingerprint(asked));
  expect(fingerprint(asked, 'a', false)).not.toBe(fingerprint(asked));
});
