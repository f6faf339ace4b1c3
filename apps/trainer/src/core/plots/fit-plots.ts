import type { Encoder } from '../tables/encoder.js';
import type { Scored } from '../tables/score-model.js';
import type { HistoryEntry } from '../tables/train-table.js';
import { plot, thinned, type Plot } from './plot.js';

const MOST_COLUMNS = 20;
const MOST_STEPS = 500;
const MOST_DOTS = 2_000;

/** How much each column counts, the sum over its features; the greatest first. */
export const columnImportances = (
  { columnOf, encodings }: Encoder,
  importances: Float64Array,
): { column: string; importance: number }[] => {
  const sums = new Float64Array(encodings.length);
  importances.forEach((importance, feature) => {
    sums[columnOf[feature]] += importance;
  });
  return encodings
    .map(({ name }, at) => ({ column: name, importance: sums[at] }))
    .sort((a, b) => b.importance - a.importance);
};

export const featureImportance = (encoder: Encoder, importances: Float64Array | undefined): Plot | undefined => {
  if (importances === undefined) return undefined;
  const values = columnImportances(encoder, importances).slice(0, MOST_COLUMNS);
  return plot('feature_importance', 'Feature importance', {
    width: 360,
    height: { step: 20 },
    data: { values },
    mark: 'bar',
    encoding: {
      y: { field: 'column', type: 'nominal', sort: values.map(({ column }) => column), title: null },
      x: { field: 'importance', type: 'quantitative' },
    },
  });
};

/** What the fit said of itself step by step; undefined for recipes that say nothing. */
export const learningCurve = (history: readonly HistoryEntry[]): Plot | undefined => {
  const keys = [...new Set(history.filter(({ key }) => !key.startsWith('fold_')).map(({ key }) => key))];
  if (keys.length === 0) return undefined;
  const values = keys.flatMap((key) =>
    thinned(
      history.filter((entry) => entry.key === key),
      MOST_STEPS,
    ),
  );
  return plot('learning_curve', 'Learning curve', {
    width: 420,
    height: 280,
    data: { values },
    mark: 'line',
    encoding: {
      x: { field: 'step', type: 'quantitative', title: 'step' },
      y: { field: 'value', type: 'quantitative', title: null, scale: { zero: false } },
      color: { field: 'key', type: 'nominal', title: null },
    },
  });
};

/** Predicted against true values. */
export const predictedValues = ({ truth, predicted }: Scored): Plot => {
  const dots = thinned(
    Array.from({ length: truth.length }, (_, row) => ({ truth: truth[row], predicted: predicted[row] })),
    MOST_DOTS,
  );
  const ends = [Math.min(...dots.map((dot) => dot.truth)), Math.max(...dots.map((dot) => dot.truth))];
  return plot('predicted_values', 'Predicted and true values of the rows held out', {
    width: 360,
    height: 360,
    layer: [
      {
        data: { values: ends.map((at) => ({ at })) },
        mark: { type: 'line', strokeDash: [4, 4], color: '#999' },
        encoding: { x: { field: 'at', type: 'quantitative' }, y: { field: 'at', type: 'quantitative' } },
      },
      {
        data: { values: dots },
        mark: { type: 'circle', opacity: 0.5 },
        encoding: {
          x: { field: 'truth', type: 'quantitative', title: 'true', scale: { zero: false } },
          y: { field: 'predicted', type: 'quantitative', title: 'predicted', scale: { zero: false } },
        },
      },
    ],
  });
};
