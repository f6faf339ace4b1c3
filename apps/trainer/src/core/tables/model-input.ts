import type { Tensor } from '#onnx';
import type { Column } from './column.js';
import { FEATURES } from './assemble-model.js';
import type { Encoder } from './encoder.js';

/** Rows of a table as the exported file takes them: one tensor of numbers, or one per column, where "" stands for a missing text. */
export const modelInput = (encoder: Encoder, columns: readonly Column[], rows: Int32Array): Tensor[] => {
  if (encoder.isNumeric) {
    const data = new Float32Array(rows.length * columns.length);
    columns.forEach((column, at) => {
      if (column.kind !== 'number') throw new Error(`"${column.name}" is not a column of numbers.`);
      for (let place = 0; place < rows.length; place++) data[place * columns.length + at] = column.values[rows[place]];
    });
    return [{ name: FEATURES, datatype: 'FP32', shape: [rows.length, columns.length], data }];
  }
  return columns.map((column) =>
    column.kind === 'number'
      ? {
          name: column.name,
          datatype: 'FP32',
          shape: [rows.length, 1],
          data: Float32Array.from(rows, (row) => column.values[row]),
        }
      : {
          name: column.name,
          datatype: 'BYTES',
          shape: [rows.length, 1],
          data: Array.from(rows, (row) => (column.codes[row] < 0 ? '' : column.categories[column.codes[row]])),
        },
  );
};

/** A cell as JSON has it; null where there is none. float32 holds about seven digits: 5.1, not 5.099999904632568. */
export const cellOf = (column: Column, row: number): number | string | null => {
  if (column.kind === 'category') return column.codes[row] < 0 ? null : column.categories[column.codes[row]];
  const value = column.values[row];
  return Number.isNaN(value) ? null : Number(value.toPrecision(7));
};
