import type { Table } from '../tables/table-builder.js';
import type { TrainedTable } from '../tables/train-table.js';
import { confusionMatrix, rocCurves } from './class-plots.js';
import { featureImportance, learningCurve, predictedValues } from './fit-plots.js';
import type { Plot } from './plot.js';

/** What there is to see of a training. */
export const plotsOf = ({ target }: Table, { scored, encoder, model, history }: TrainedTable): Plot[] =>
  [
    ...(target.kind === 'classes'
      ? [confusionMatrix(scored, target.classes), rocCurves(scored, target.classes)]
      : [predictedValues(scored)]),
    featureImportance(encoder, model.importances),
    learningCurve(history),
  ].filter((each) => each !== undefined);
