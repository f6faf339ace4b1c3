import { describe, expect, it } from 'vitest';
import { classificationMetrics } from './metrics.js';

/** Expected values are scikit-learn 1.9's, with float32 probabilities. */
describe('classificationMetrics', () => {
  it('agrees with scikit-learn', () => {
    const metrics = classificationMetrics({
      labels: [0, 1, 2, 2, 1, 0, 1],
      predicted: [0, 2, 2, 2, 1, 1, 1],
      probabilities: Float32Array.of(
        ...[0.8, 0.1, 0.1, 0.2, 0.3, 0.5, 0.1, 0.2, 0.7, 0, 0, 1],
        ...[0.25, 0.5, 0.25, 0.3, 0.4, 0.3, 0.1, 0.6, 0.3],
      ),
      classCount: 3,
    });
    expect(metrics.accuracy).toBeCloseTo(0.7142857142857143, 12);
    expect(metrics.log_loss).toBeCloseTo(0.5988196134567261, 6);
    expect(metrics.f1_macro).toBeCloseTo(0.7111111111111111, 12);
  });

  it('clips what was certain and wrong, and leaves out a class that nobody is or says', () => {
    const metrics = classificationMetrics({
      labels: [0, 1, 1, 0],
      predicted: [0, 1, 0, 0],
      probabilities: Float32Array.of(1, 0, 0, 0.1, 0.9, 0, 1, 0, 0, 0.6, 0.4, 0),
      classCount: 3,
    });
    expect(metrics.accuracy).toBe(0.75);
    expect(metrics.log_loss).toBeCloseTo(4.139642715454102, 6);
    expect(metrics.f1_macro).toBeCloseTo(0.7333333333333334, 12);
  });

  it('counts a class that is said but never true as 0', () => {
    const probabilities = new Float32Array(12).fill(1 / 3);
    const metrics = classificationMetrics({
      labels: [0, 1, 1, 0],
      predicted: [0, 1, 2, 0],
      probabilities,
      classCount: 3,
    });
    expect(metrics.f1_macro).toBeCloseTo(0.5555555555555555, 12);
  });
});
