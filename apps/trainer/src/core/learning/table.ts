import { PlatformError } from '#runtime';
import { readLabels, type Labels } from './labels.js';

/** A data set to learn from: features in float32, row after row, as the exported graph will see them, and a label per row. */
export interface Table {
  columns: string[];
  /** `labels.length` × `columns.length` values. */
  rows: Float32Array;
  labels: Labels;
}

export interface TextTable {
  header: readonly string[];
  /** The cells of each row, in the header's order. */
  records: readonly (readonly string[])[];
}

/**
 * Makes a table of text cells, as they come from CSV.
 * @param target the column to predict; the last one when absent
 * @param features the columns to learn from; all but the target when absent
 * @throws PlatformError DATASET_INVALID naming the column, and the row counted from 1 without the header.
 */
export const readTable = ({ header, records }: TextTable, target?: string, features?: readonly string[]): Table => {
  const twice = header.find((name, index) => header.indexOf(name) !== index);
  if (twice !== undefined) throw invalid(`The column "${twice}" is there twice.`);
  if (header.length < 2) throw invalid('The data set needs a target column and at least one feature.');
  const targetName = target ?? header[header.length - 1];
  const targetIndex = positionOf(header, targetName, 'target');
  const columns = [...(features ?? header.filter((name) => name !== targetName))];
  if (columns.includes(targetName)) throw invalid(`The target "${targetName}" is among the features.`);
  const doubled = columns.find((name, index) => columns.indexOf(name) !== index);
  if (doubled !== undefined) throw invalid(`The feature "${doubled}" is asked for twice.`);
  const positions = columns.map((name) => positionOf(header, name, 'feature'));
  const ragged = records.findIndex((cells) => cells.length !== header.length);
  if (ragged >= 0)
    throw invalid(
      `Row ${String(ragged + 1)} has ${String(records[ragged].length)} cells; the header has ${String(header.length)}.`,
    );
  const rows = new Float32Array(records.length * columns.length);
  records.forEach((cells, row) => {
    positions.forEach((position, column) => {
      rows[row * columns.length + column] = readNumber(cells[position], row, columns[column]);
    });
  });
  return {
    columns,
    rows,
    labels: readLabels(
      targetName,
      records.map((cells) => cells[targetIndex]),
    ),
  };
};

/**
 * @throws PlatformError DATASET_INVALID when sizes don't fit together, a value is not a finite float32 number, or no feature varies.
 */
export const checkTable = ({ columns, rows, labels }: Table): void => {
  if (columns.length === 0) throw invalid('The data set has no features.');
  if (rows.length !== labels.length * columns.length)
    throw invalid(
      `${String(rows.length)} values are not ${String(labels.length)} rows of ${String(columns.length)} features.`,
    );
  const broken = rows.findIndex((value) => !Number.isFinite(value));
  if (broken >= 0)
    throw notANumber(Math.floor(broken / columns.length), columns[broken % columns.length], String(rows[broken]));
  if (labels.length > 1 && rows.every((value, place) => value === rows[place % columns.length]))
    throw invalid('No feature differs between any two rows, so there is nothing to learn from.');
};

/** The features of the rows at these positions, row after row. */
export const takeRows = ({ columns, rows }: Table, positions: Int32Array): Float32Array => {
  const taken = new Float32Array(positions.length * columns.length);
  positions.forEach((row, place) => {
    taken.set(rows.subarray(row * columns.length, (row + 1) * columns.length), place * columns.length);
  });
  return taken;
};

const decimal = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

const readNumber = (cell: string, row: number, column: string): number => {
  const text = cell.trim();
  const value = decimal.test(text) ? Math.fround(Number(text)) : NaN;
  if (!Number.isFinite(value)) throw notANumber(row, column, text);
  return value;
};

const notANumber = (row: number, column: string, value: string): PlatformError =>
  invalid(
    `Row ${String(row + 1)} has ${value === '' ? 'nothing' : `"${value.slice(0, 40)}"`} in the column "${column}"; ` +
      `every feature needs a number (at most 3.4e38) in every row.`,
  );

const positionOf = (header: readonly string[], name: string, role: string): number => {
  const position = header.indexOf(name);
  if (position < 0)
    throw invalid(
      `The ${role} column "${name}" is not in the data set, which has: ${header.join(', ').slice(0, 500)}.`,
    );
  return position;
};

const invalid = (sentence: string): PlatformError => new PlatformError('DATASET_INVALID', sentence);
