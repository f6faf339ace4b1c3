import { describe, expect, it } from 'vitest';
import { checkAgreement } from './agreement.js';

const check = (fitted: number[], exported: number[], labels: number[], classCount = 2): number =>
  checkAgreement({ fitted: Float64Array.from(fitted), exported, labels, classCount });

describe('checkAgreement', () => {
  it('accepts rounding and tells the greatest difference', () => {
    expect(check([0.3, 0.7, 0.9, 0.1], [0.300009, 0.7, 0.9, 0.100001], [1, 0])).toBeCloseTo(9e-6, 9);
  });

  it('accepts either label when both are nearly tied', () => {
    check([0.500005, 0.499995], [0.5, 0.5], [1]);
    check([0.500005, 0.499995], [0.5, 0.5], [0]);
  });

  it('allows a large value an error of its size', () => {
    check([1000, 0], [1000.009, 0], [0]);
  });

  it.each<[string, () => unknown, RegExp]>([
    [
      'a probability',
      () => check([0.3, 0.7, 0.9, 0.1], [0.3, 0.7, 0.90002, 0.1], [1, 0]),
      /row 2 has probability 0.90002/,
    ],
    ['a probability that is none', () => check([0.3, 0.7], [NaN, 0.7], [1]), /row 1 has probability NaN/],
    ['a label', () => check([0.3, 0.7, 0.9, 0.1], [0.3, 0.7, 0.9, 0.1], [1, 1]), /row 2 has class 1/],
    ['a label that is none', () => check([0.3, 0.7], [0.3, 0.7], [2]), /row 1 has class 2/],
    ['the number of rows', () => check([0.3, 0.7], [0.3, 0.7, 0.3, 0.7], [1]), /4 probabilities where 2/],
    ['the number of labels', () => check([0.3, 0.7], [0.3, 0.7], []), /2 probabilities/],
  ])('refuses when %s differs', (_, run, sentence) => {
    expect(run).toThrow(/^EXPORT_DISAGREES/);
    expect(run).toThrow(sentence);
  });
});
