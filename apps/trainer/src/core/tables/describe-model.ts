import { isTexts } from './classes.js';
import { hasMissing } from './column.js';
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

/** Columns with gaps need not be given, whichever side of the split the gaps are on: every model knows what to make of them. */
export const signatureOf = ({ columns, target }: Table): RecipeSignature => ({
  inputs: columns.map((column) => ({
    name: column.name,
    type: column.kind === 'number' ? 'double' : 'string',
    required: !hasMissing(column),
  })),
  outputs:
    target.kind === 'quantity'
      ? [{ name: PREDICTION, dtype: 'float32', shape: [-1, 1] }]
      : [
          { name: LABEL, dtype: isTexts(target.classes) ? 'str' : 'int64', shape: [-1] },
          { name: PROBABILITIES, dtype: 'float32', shape: [-1, target.classes.length] },
        ],
});
