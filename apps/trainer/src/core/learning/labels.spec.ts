import { describe, expect, it } from 'vitest';
import { encodeLabels, readLabels } from './labels.js';

describe('readLabels', () => {
  it.each<[string[], (number | string)[]]>([
    [
      ['0', '1', '2'],
      [0, 1, 2],
    ],
    [
      ['1.0', ' -3 ', '+2', '-0'],
      [1, -3, 2, 0],
    ],
    [
      ['setosa', '1'],
      ['setosa', '1'],
    ],
    [
      ['9007199254740993', '1', 'x'],
      ['9007199254740993', '1', 'x'],
    ],
  ])('reads %j as %j', (cells, labels) => {
    expect(readLabels('species', cells)).toEqual(labels);
  });

  it('refuses a quantity and a gap', () => {
    expect(() => readLabels('price', ['1.5', '2'])).toThrow(/DATASET_INVALID.*"price" holds numbers with fractions/);
    expect(() => readLabels('price', ['a', ' '])).toThrow(/DATASET_INVALID.*Row 2 has no value.*"price"/);
  });
});

describe('encodeLabels', () => {
  it('orders numbers as numbers and texts by code point', () => {
    expect(encodeLabels([10, 9, -1, 9])).toEqual({ classes: [-1, 9, 10], ids: Int32Array.of(2, 1, 0, 1) });
    expect(encodeLabels(['b', 'ä', 'B'])).toEqual({ classes: ['B', 'b', 'ä'], ids: Int32Array.of(1, 2, 0) });
  });

  it('refuses a single class', () => {
    expect(() => encodeLabels(['a', 'a'])).toThrow(/DATASET_INVALID.*single class "a"/);
  });
});
