import { describe, expect, it } from 'vitest';
import { BinaryLoss, MulticlassLoss, SquaredLoss, type BoostingLoss } from './boosting-loss.js';

const ROWS = 40_000;
/** Rows in the order of their class, as files often have them. */
const sorted = Int32Array.from({ length: ROWS }, (_, row) => (row < ROWS / 2 ? 0 : 1));
const inTurn = Int32Array.from({ length: ROWS }, (_, row) => row % 2);
/** Of a score of the second class, against 0. */
const loss = (label: number, score: number): number => Math.log1p(Math.exp(label === 1 ? -score : score));
const halves = (loss(0, -3) + loss(1, -3)) / 2;
const binary = new Float64Array(ROWS).fill(-3);
/** The same of three classes, the third of which is out of the question. */
const three = Float64Array.from({ length: 3 * ROWS }, (_, place) => [0, -3, -50][Math.floor(place / ROWS)]);
const squares = Float64Array.from({ length: ROWS }, (_, row) => row);

describe('the mean loss', () => {
  it.each<[string, BoostingLoss, Float64Array, number]>([
    ['two classes', new BinaryLoss(sorted), binary, halves],
    ['two classes in turn', new BinaryLoss(inTurn), binary, halves],
    ['three classes', new MulticlassLoss(sorted, 3), three, halves],
    ['values', new SquaredLoss(squares), new Float64Array(ROWS), ((ROWS - 1) * (2 * ROWS - 1)) / 12],
  ])('of %s is that of all rows, or of some from everywhere', (_, measured, scores, expected) => {
    expect(measured.mean(scores) / expected).toBeCloseTo(1, 9);
    expect(measured.mean(scores, 1_000) / expected).toBeCloseTo(1, 1);
  });
});
