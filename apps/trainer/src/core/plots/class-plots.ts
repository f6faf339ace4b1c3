import type { Labels } from '../tables/classes.js';
import type { Scored } from '../tables/score-model.js';
import { plot, thinned, type Plot } from './plot.js';

/** More cells than anybody reads. */
const MOST_CLASSES = 30;
const MOST_CURVES = 10;
const MOST_POINTS = 500;

/** How often each class was taken for each; undefined for more classes than fit a picture. */
export const confusionMatrix = ({ truth, predicted }: Scored, classes: Labels): Plot | undefined => {
  if (classes.length > MOST_CLASSES) return undefined;
  const counts = classes.map(() => classes.map(() => 0));
  for (let row = 0; row < truth.length; row++) counts[truth[row]][predicted[row]]++;
  const most = Math.max(...counts.flat());
  const names = classes.map(String);
  const size = Math.max(160, 44 * classes.length);
  const axis = (field: string, title: string) => ({
    field,
    type: 'nominal',
    title,
    sort: names,
    axis: { labelAngle: 0 },
  });
  return plot('confusion_matrix', 'Confusion matrix of the rows held out', {
    width: size,
    height: size,
    data: {
      values: counts.flatMap((row, id) =>
        row.map((count, other) => ({ truth: names[id], predicted: names[other], count, dark: count > most / 2 })),
      ),
    },
    encoding: { x: axis('predicted', 'predicted'), y: axis('truth', 'true') },
    layer: [
      {
        mark: 'rect',
        encoding: { color: { field: 'count', type: 'quantitative', scale: { scheme: 'blues' }, legend: null } },
      },
      {
        mark: { type: 'text', fontSize: 12 },
        encoding: {
          text: { field: 'count', type: 'quantitative' },
          color: { condition: { test: 'datum.dark', value: 'white' }, value: '#222' },
        },
      },
    ],
  });
};

/** True against false positives at every threshold: of the greater class where there are two, else of each against the rest. */
export const rocCurves = ({ truth, probabilities }: Scored, classes: Labels): Plot | undefined => {
  if (classes.length > MOST_CURVES) return undefined;
  const ids = classes.length === 2 ? [1] : [...classes.keys()];
  const values = ids.flatMap((id) =>
    rocPoints(truth, probabilities, id, classes.length).map(([falseRate, trueRate], order) => ({
      falseRate,
      trueRate,
      order,
      class: String(classes[id]),
    })),
  );
  if (values.length === 0) return undefined;
  return plot('roc_curve', 'ROC of the rows held out', {
    width: 360,
    height: 360,
    layer: [
      {
        data: { values: [{ at: 0 }, { at: 1 }] },
        mark: { type: 'line', strokeDash: [4, 4], color: '#999' },
        encoding: { x: { field: 'at', type: 'quantitative' }, y: { field: 'at', type: 'quantitative' } },
      },
      {
        data: { values },
        mark: { type: 'line', interpolate: 'linear' },
        encoding: {
          x: { field: 'falseRate', type: 'quantitative', title: 'false positive rate' },
          y: { field: 'trueRate', type: 'quantitative', title: 'true positive rate' },
          color: { field: 'class', type: 'nominal', sort: classes.map(String) },
          order: { field: 'order', type: 'quantitative' },
        },
      },
    ],
  });
};

/** Empty when the rows are all of the class, or none is. */
export const rocPoints = (
  truth: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  id: number,
  classCount: number,
): [number, number][] => {
  const score = (row: number): number => probabilities[row * classCount + id];
  const order = Array.from({ length: truth.length }, (_, row) => row).sort((a, b) => score(b) - score(a));
  const positives = order.filter((row) => truth[row] === id).length;
  const negatives = order.length - positives;
  if (positives === 0 || negatives === 0) return [];
  const points: [number, number][] = [[0, 0]];
  let [hits, misses] = [0, 0];
  order.forEach((row, at) => {
    if (truth[row] === id) hits++;
    else misses++;
    const last = at + 1 === order.length;
    if (last || score(order[at + 1]) !== score(row)) points.push([misses / negatives, hits / positives]);
  });
  return thinned(points, MOST_POINTS);
};
