import type { ModelSignature, TensorSpec } from '#contracts';
import type { Tensor } from '#onnx';
import { emptyTensors, layoutOf, type Layout } from '../record-layout.js';
import { setElement } from '../tensor-elements.js';
import { castCell } from './cast-cell.js';
import { nestedTensor } from './nested-tensor.js';
import { invalid, kindOf, type ScoringInput } from './scoring-input.js';

type Table = Extract<ScoringInput, { form: 'table' }>;

/** Turns what a scoring request holds into the tensors of one model. @throws PlatformError INPUT_INVALID naming row and column. */
export type ScoringEncoder = (input: ScoringInput) => Tensor[];

/**
 * Compiles a signature once. As in MLflow, columns that the model does not know are left alone, columns that it requires must
 * be there, and cells may be missing wherever the type can say so.
 */
export const compileScoring = (signature: ModelSignature): ScoringEncoder => {
  const { inputs } = signature;
  const layout = layoutOf(signature);
  if (layout === 'not tabular') return (input) => tensorsOf(inputs, input);
  if (layout === 'by order') return (input) => byOrder(inputs[0], input);
  return (input) => {
    const table = tableOf(layout, input);
    if (table !== undefined) return fill(layout, table, sourcesOf(layout, table));
    return tensorsOf(inputs, input);
  };
};

/** Undefined when it holds the model's tensors by their names instead. */
const tableOf = ({ specs, places }: Layout, input: ScoringInput): Table | undefined => {
  if (input.form === 'table') return input;
  if (input.form === 'values') return rowsOf(input.values, places.length);
  const { values } = input;
  const isColumns = places.every(({ name, required }) => values.has(name) || !required);
  if (!isColumns && specs.every(({ name }) => values.has(name))) return undefined;
  return columnsTable(values);
};

/** A list of rows, or, for a model of one column, a list of values or a single one. */
const rowsOf = (values: unknown, width: number): Table => {
  const list = Array.isArray(values) ? (values as unknown[]) : [values];
  if (width === 1)
    return { form: 'table', names: undefined, rows: list.map((row): unknown[] => (Array.isArray(row) ? row : [row])) };
  const rows = list.map((row, at) => {
    if (Array.isArray(row)) return row as unknown[];
    throw invalid(`Row ${String(at)} is ${kindOf(row)}; it must be a list of ${String(width)} values.`);
  });
  return { form: 'table', names: undefined, rows };
};

/** Columns as lists of equal length, or single values for one row. */
const columnsTable = (values: ReadonlyMap<string, unknown>): Table => {
  const names = [...values.keys()];
  const columns = [...values.values()].map((column): unknown[] => (Array.isArray(column) ? column : [column]));
  const count = columns[0]?.length ?? 0;
  const other = columns.findIndex((column) => column.length !== count);
  if (other !== -1)
    throw invalid(
      `Columns must be of one length: "${names[0]}" has ${String(count)} values, "${names[other]}" ${String(columns[other].length)}.`,
    );
  return {
    form: 'table',
    names,
    rows: Array.from({ length: count }, (_, row) => columns.map((column) => column[row])),
  };
};

/** For each place of the layout the column of the table it is filled from; undefined for one that may be left out. */
const sourcesOf = ({ places }: Layout, { names, rows }: Table): (number | undefined)[] => {
  if (rows.length === 0) throw invalid('There is no row to score; send at least one.');
  if (names === undefined) {
    rows.forEach((row, at) => {
      if (row.length !== places.length)
        throw invalid(`Row ${String(at)} has ${String(row.length)} values; the model takes ${String(places.length)}.`);
    });
    return places.map((_, at) => at);
  }
  const columns = new Map(names.map((name, at) => [name, at]));
  const missing = places.filter(({ name, required }) => required && !columns.has(name)).map(({ name }) => `"${name}"`);
  if (missing.length > 0)
    throw invalid(
      `Model is missing inputs: ${shortList(missing)}. Given were ${shortList(names.map((name) => `"${name}"`))}.`,
    );
  return places.map(({ name }) => columns.get(name));
};

const fill = (layout: Layout, { rows }: Table, sources: readonly (number | undefined)[]): Tensor[] => {
  const tensors = emptyTensors(layout, rows.length);
  layout.places.forEach(({ name, tensor: index, at, required }, place) => {
    const source = sources[place];
    const tensor = tensors[index];
    const width = layout.widths[index];
    rows.forEach((row, number) => {
      const value = single(source === undefined ? undefined : row[source]);
      // What learned from texts with gaps knows these as "".
      const isGap = !required && tensor.datatype === 'BYTES' && (value === null || value === undefined);
      put(tensor, number * width + at, isGap ? '' : value, number, name);
    });
  });
  return tensors;
};

/** A column of a tensor of shape [-1, 1] may come as lists of one. */
const single = (value: unknown): unknown =>
  Array.isArray(value) && value.length === 1 ? (value as unknown[])[0] : value;

const put = (tensor: Tensor, at: number, value: unknown, row: number, column: string): void => {
  const made = castCell(tensor.datatype, value);
  if ('fault' in made)
    throw invalid(`Row ${String(row)}: the column "${column}" must be ${made.fault}, not ${shown(value)}.`);
  setElement(tensor.data, at, made.element);
};

/** One table without column names: any columns, in the order in which they come. */
const byOrder = (spec: TensorSpec, input: ScoringInput): Tensor[] => {
  if (input.form === 'named' && input.values.has(spec.name)) return [nestedTensor(spec, input.values.get(spec.name))];
  const table =
    input.form === 'table'
      ? input
      : input.form === 'named'
        ? columnsTable(input.values)
        : rowsOf(input.values, Math.max(spec.shape[1], 0) || 2);
  const width = spec.shape[1] === -1 ? (table.names?.length ?? table.rows.at(0)?.length ?? 0) : spec.shape[1];
  const places = Array.from({ length: width }, (_, at) => ({
    name: table.names?.[at] ?? String(at),
    tensor: 0,
    at,
    required: true,
  }));
  const layout: Layout = { specs: [spec], widths: [width], places };
  if (table.names !== undefined && table.names.length !== width)
    throw invalid(`The model takes ${String(width)} columns, not ${String(table.names.length)}.`);
  return fill(layout, table, sourcesOf(layout, { ...table, names: undefined, rows: padded(table.rows, table.names) }));
};

/** Records may leave fields out; by order their rows are as long as there are names. */
const padded = (rows: Table['rows'], names: Table['names']): Table['rows'] =>
  names === undefined ? rows : rows.map((row) => Array.from({ length: names.length }, (_, at) => row[at]));

/** Tensors of any rank: one by itself, or each under its name; in a data frame each cell is one row of a tensor. */
const tensorsOf = (specs: readonly TensorSpec[], input: ScoringInput): Tensor[] => {
  if (input.form === 'values') {
    if (specs.length > 1)
      throw invalid(
        `The model takes several inputs; send them by name: ${shortList(specs.map(({ name }) => `"${name}"`))}.`,
      );
    return [nestedTensor(specs[0], input.values)];
  }
  const values = input.form === 'named' ? input.values : columnsOf(input);
  const missing = specs.filter(({ name }) => !values.has(name)).map(({ name }) => `"${name}"`);
  if (missing.length > 0) throw invalid(`Model is missing inputs: ${shortList(missing)}.`);
  return specs.map((spec) => nestedTensor(spec, values.get(spec.name)));
};

const columnsOf = ({ names = [], rows }: Table): Map<string, unknown> =>
  new Map(names.map((name, at) => [name, rows.map((row) => row[at])]));

const shortList = (words: readonly string[]): string =>
  words.length > 20 ? `${words.slice(0, 20).join(', ')} and ${String(words.length - 20)} more` : words.join(', ');

/** A value as an error sentence may show it. */
const shown = (value: unknown): string => {
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : kindOf(value);
};
