import { isTexts } from './classes.js';
import type { RecipeSignature } from '../recipe-runner.js';
import { LABEL, PREDICTION, PROBABILITIES } from './assemble-model.js';
import { cellOf } from './model-input.js';
import type { Table } from './table-builder.js';
import type { TrainedTable } from './train-table.js';

const EXAMPLE_ROWS = 3;

/** A frame in pandas' "split" orientation, as MLflow reads it: rows that the model has not seen. */
export const inputExample = ({ columns }: Table, { split: { test } }: TrainedTable): object => {
  const rows = [...test.subarray(0, EXAMPLE_ROWS)];
  const cells = (row: number) => columns.map((column) => cellOf(column, row));
  return { columns: columns.map(({ name }) => name), data: rows.map(cells) };
};

/** Columns that had gaps in training need not be given: the model knows what to make of them. */
export const signatureOf = ({ columns, target }: Table, { encoder }: TrainedTable): RecipeSignature => ({
  inputs: columns.map(({ name, kind }, at) => ({
    name,
    type: kind === 'number' ? 'double' : 'string',
    required: !encoder.optional[at],
  })),
  outputs:
    target.kind === 'quantity'
      ? [{ name: PREDICTION, dtype: 'float32', shape: [-1, 1] }]
      : [
          { name: LABEL, dtype: isTexts(target.classes) ? 'str' : 'int64', shape: [-1] },
          { name: PROBABILITIES, dtype: 'float32', shape: [-1, target.classes.length] },
        ],
});
