import { describe, expect, it } from 'vitest';
import { trainingRequested } from '#contracts';
import { withPreset } from './resolved-request.js';

const preset = {
  name: 'v1',
  recipe: 'random-forest',
  parameters: { n_estimators: 10, max_depth: 3 },
  dataset: { uri: 's3://b/k.csv', target: 'y' },
};
const request = (more: object = {}) => trainingRequested.parse({ model: 'm', ...more });

describe('a request with its preset worked in', () => {
  it('trains what the preset says', () => {
    expect(withPreset(request(), preset)).toMatchObject({
      model: 'm',
      recipe: 'random-forest',
      preset: 'v1',
      parameters: { n_estimators: 10, max_depth: 3 },
      dataset: { uri: 's3://b/k.csv', target: 'y' },
    });
  });

  it('says single parameters, or the whole data set, itself', () => {
    const given = request({ recipe: 'random-forest', parameters: { max_depth: null }, dataset: { uri: 'iris' } });
    const resolved = withPreset(given, preset);
    expect(resolved.parameters).toEqual({ n_estimators: 10, max_depth: null });
    expect(resolved.dataset).toEqual({ uri: 'iris' });
  });

  it('cannot name another recipe: the parameters would be those of this one', () => {
    expect(() => withPreset(request({ recipe: 'logistic-regression' }), preset)).toThrow(
      /"v1" of m is one for random-forest, not for logistic-regression/,
    );
  });
});
