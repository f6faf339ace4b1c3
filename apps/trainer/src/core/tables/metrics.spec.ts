import { describe, expect, it } from 'vitest';
import { classificationMetrics, crossValidated, regressionMetrics, type Metrics } from './metrics.js';

/** Expected values are scikit-learn 1.9's, with float32 probabilities. */
const close = (metrics: Metrics, expected: Metrics): void => {
  expect(Object.keys(metrics).sort()).toEqual(Object.keys(expected).sort());
  for (const [name, value] of Object.entries(expected)) expect(metrics[name], name).toBeCloseTo(value, 6);
};

describe('classificationMetrics', () => {
  it('agrees with scikit-learn on three classes', () => {
    const metrics = classificationMetrics({
      labels: [0, 1, 2, 2, 1, 0, 1],
      predicted: [0, 2, 2, 2, 1, 1, 1],
      probabilities: Float32Array.of(
        ...[0.8, 0.1, 0.1, 0.2, 0.3, 0.5, 0.1, 0.2, 0.7, 0, 0, 1],
        ...[0.25, 0.5, 0.25, 0.3, 0.4, 0.3, 0.1, 0.6, 0.3],
      ),
      classCount: 3,
    });
    close(metrics, {
      accuracy: 0.7142857142857143,
      balanced_accuracy: 0.7222222222222222,
      f1_macro: 0.7111111111111111,
      f1_weighted: 0.7047619047619048,
      log_loss: 0.5988196134567261,
      roc_auc: 0.9722222222222222,
    });
  });

  it('agrees with scikit-learn on two classes with equal scores', () => {
    const scores = [0.1, 0.9, 0.4, 0.4, 0.4, 0.2, 0.7, 0.8];
    const metrics = classificationMetrics({
      labels: [0, 1, 1, 0, 1, 0, 0, 1],
      predicted: scores.map((score) => Number(score > 0.5)),
      probabilities: Float32Array.from(scores.flatMap((score) => [1 - score, score])),
      classCount: 2,
    });
    close(metrics, {
      accuracy: 0.625,
      balanced_accuracy: 0.625,
      f1_macro: 0.6190476190476191,
      f1_weighted: 0.6190476190476191,
      log_loss: 0.52554851770401,
      roc_auc: 0.8125,
    });
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
    expect(metrics.balanced_accuracy).toBe(0.75);
  });

  it('counts a class that is said but never true as 0', () => {
    const metrics = classificationMetrics({
      labels: [0, 1, 1, 0],
      predicted: [0, 1, 2, 0],
      probabilities: new Float32Array(12).fill(1 / 3),
      classCount: 3,
    });
    expect(metrics.f1_macro).toBeCloseTo(0.5555555555555555, 12);
    expect(metrics.roc_auc).toBe(0.5);
  });

  it('says no area where all rows are of one class', () => {
    const one = { labels: [1, 1], predicted: [1, 1], probabilities: Float32Array.of(0, 1, 0.5, 0.5), classCount: 2 };
    expect(classificationMetrics(one)).not.toHaveProperty('roc_auc');
  });
});

describe('regressionMetrics', () => {
  it('agrees with scikit-learn', () => {
    close(regressionMetrics([3, -0.5, 2, 7, 4.2], [2.5, 0, 2, 8, 3.9]), {
      r2: 0.9480256276150627,
      mae: 0.46,
      rmse: 0.5639148871948674,
    });
  });

  it('says no R² of targets that do not vary', () => {
    expect(regressionMetrics([2, 2], [1, 3])).toEqual({ mae: 1, rmse: 1 });
  });
});

describe('crossValidated', () => {
  it('is the mean of the folds and its deviation, of what every fold has', () => {
    expect(crossValidated([{ accuracy: 0.5, roc_auc: 1 }, { accuracy: 1 }])).toEqual({
      cv_accuracy: 0.75,
      cv_accuracy_std: 0.25,
    });
  });
});
