import { describe, expect, it } from 'vitest';
import { checkLabels, checkScores } from './agreement.js';

const scores = (fitted: number[], exported: number[], width = 2): number =>
  checkScores(Float64Array.from(fitted), exported, width);
const labels = (fitted: number[], answered: number[]): void => {
  checkLabels(Float64Array.from(fitted), answered, 2);
};

describe('checkScores', () => {
  it('accepts rounding and tells the greatest difference', () => {
    expect(scores([0.3, 0.7, 0.9, 0.1], [0.300009, 0.7, 0.9, 0.100001])).toBeCloseTo(9e-6, 9);
  });

  it('allows a large value an error of its size', () => {
    expect(scores([1000, 0], [1000.009, 0], 1)).toBeCloseTo(0.009, 9);
  });

  it.each<[string, () => unknown, RegExp]>([
    ['a score', () => scores([0.3, 0.7, 0.9, 0.1], [0.3, 0.7, 0.90002, 0.1]), /row 2 scores 0.90002 instead of 0.9/],
    ['a large one', () => scores([1000, 0], [1000.02, 0], 1), /row 1 scores 1000.02/],
    ['a score that is none', () => scores([0.3, 0.7], [NaN, 0.7]), /row 1 scores NaN/],
    ['the number of rows', () => scores([0.3, 0.7], [0.3, 0.7, 0.3, 0.7]), /4 scores where 2/],
  ])('refuses when %s differs', (_, run, sentence) => {
    expect(run).toThrow(/^EXPORT_DISAGREES/);
    expect(run).toThrow(sentence);
  });
});

describe('checkLabels', () => {
  it('accepts either label when both are nearly tied', () => {
    labels([0.500005, 0.499995, 0.1, 0.9], [1, 1]);
    labels([0.500005, 0.499995, 0.1, 0.9], [0, 1]);
  });

  it.each<[string, () => unknown, RegExp]>([
    ['a label', () => { labels([0.3, 0.7, 0.9, 0.1], [1, 1]); }, /row 2 has class 1/], // prettier-ignore
    ['a label that is none', () => { labels([0.3, 0.7], [2]); }, /row 1 has class 2/], // prettier-ignore
    ['the number of labels', () => { labels([0.3, 0.7], []); }, /0 labels where 1/], // prettier-ignore
  ])('refuses when %s differs', (_, run, sentence) => {
    expect(run).toThrow(/^EXPORT_DISAGREES/);
    expect(run).toThrow(sentence);
  });
});
