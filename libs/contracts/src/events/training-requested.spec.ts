import { describe, expect, it } from 'vitest';
import { sentence } from '../envelope.js';
import { trainingRequested } from './training-requested.js';

describe('a training request that no bus takes', () => {
  it('is refused before it is promised, and told how large it may be', () => {
    const parameters = { weights: Array.from({ length: 20_000 }, (_, at) => at * 1e14) };
    const { error } = trainingRequested.safeParse({ model: 'M', recipe: 'r', parameters });
    expect(error && sentence(error)).toMatch(/^the value: has \d+ characters as JSON, more than 250000/);
    expect(
      trainingRequested.safeParse({ model: 'M', recipe: 'r', parameters: { a: 'x'.repeat(200_000) } }).success,
    ).toBe(true);
  });
});

describe('a training request with text that no database holds', () => {
  const request = { model: 'IrisModel', recipe: 'random-forest' };

  it.each([
    ['dataset.target', { dataset: { uri: 'iris', target: 'x\u0000y' } }],
    ['dataset.features.1', { dataset: { uri: 'iris', features: ['a', 'b\ud83d'] } }],
    ['parameters.a.0.b', { parameters: { a: [{ b: '\udc00' }] } }],
    ['tags.team', { tags: { team: '\u0000' } }],
    ['experiment', { experiment: 'a\u0000b' }],
  ])('is refused by the name of the field: %s', (field, more) => {
    const { error } = trainingRequested.safeParse({ ...request, ...more });
    expect(error && sentence(error)).toBe(`${field}: must not contain the character U+0000 or half a surrogate pair`);
  });

  it('is refused in a key, too', () => {
    expect(trainingRequested.safeParse({ ...request, tags: { 'a\u0000': 'b' } }).success).toBe(false);
  });

  it('whole pairs and other control characters are fine', () => {
    const tags = { note: 'two\nlines \ud83d\ude00' };
    expect(trainingRequested.parse({ ...request, tags }).tags).toEqual(tags);
  });
});
