import { byCodePoint } from './classes.js';
import { hasMissing, type CategoryColumn, type Column } from './column.js';
import { invalidData } from './invalid-data.js';

/**
 * How a column becomes features. Numbers stay what they are. A category of few is a feature of 0 or 1 for each (and one for "missing" when
 * the training rows had gaps; an unknown one is 0 everywhere). One of many is a single feature: its place by falling frequency, an unknown
 * one behind the rarest, a missing one NaN, which learners know what to do with.
 */
export type Encoding =
  | { kind: 'number'; name: string }
  | { kind: 'one-hot'; name: string; categories: readonly string[]; missing: boolean }
  | { kind: 'ordinal'; name: string; categories: readonly string[] };

/** Fitted to training rows; turns columns into the rows that learners and the exported graph know. */
export interface Encoder {
  encodings: readonly Encoding[];
  /** One for each feature: the column, or the column and the category. */
  featureNames: string[];
  /** The column that each feature comes from. */
  columnOf: Int32Array;
  /** Columns with gaps in the rows it was fitted to. */
  optional: boolean[];
  /** All columns are numbers: the graph takes them as one tensor. */
  isNumeric: boolean;
}

/** Beyond this many categories, one feature each costs more than it tells. */
const MOST_ONE_HOT = 20;
/** Of the learner's rows, 400 MB: wide tables are encoded by place instead. */
const MOST_CELLS = 100_000_000;

/** @throws PlatformError DATASET_INVALID when a column has no value in the training rows. */
export const fitEncoder = (columns: readonly Column[], rows: Int32Array): Encoder => {
  const orders = columns.map((column) => (column.kind === 'category' ? byFrequency(column, rows) : []));
  const optional = columns.map((column) => hasMissing(column, rows));
  const encoded = (mostOneHot: number): Encoding[] =>
    columns.map((column, at) => {
      const { name } = column;
      if (column.kind === 'number') return { kind: 'number', name };
      const categories = orders[at];
      if (categories.length === 0)
        throw invalidData(`The column "${name}" has no value in the rows to train on; leave it out (dataset.drop).`);
      if (categories.length > mostOneHot) return { kind: 'ordinal', name, categories };
      return { kind: 'one-hot', name, categories: [...categories].sort(byCodePoint), missing: optional[at] };
    });
  let encodings = encoded(MOST_ONE_HOT);
  if (rows.length * encodings.reduce((sum, each) => sum + widthOf(each), 0) > MOST_CELLS) encodings = encoded(1);
  return {
    encodings,
    featureNames: encodings.flatMap(featureNamesOf),
    columnOf: Int32Array.from(encodings.flatMap((each, at) => new Array<number>(widthOf(each)).fill(at))),
    optional,
    isNumeric: columns.every(({ kind }) => kind === 'number'),
  };
};

/** The features of the rows at these positions, row after row. */
export const encodeRows = ({ encodings }: Encoder, columns: readonly Column[], rows: Int32Array): Float32Array => {
  const width = encodings.reduce((sum, each) => sum + widthOf(each), 0);
  const features = new Float32Array(rows.length * width);
  let first = 0;
  encodings.forEach((encoding, at) => {
    const column = columns[at];
    if (column.kind === 'number') {
      for (let place = 0; place < rows.length; place++) features[place * width + first] = column.values[rows[place]];
    } else encodeCategory(encoding, column, rows, { features, first, width });
    first += widthOf(encoding);
  });
  return features;
};

/** Where an encoding puts each category: the texts, which take the places 0, 1, 2, … */
export const widthOf = (encoding: Encoding): number =>
  encoding.kind === 'one-hot' ? encoding.categories.length + Number(encoding.missing) : 1;

const encodeCategory = (
  encoding: Encoding,
  { codes, categories }: CategoryColumn,
  rows: Int32Array,
  { features, first, width }: { features: Float32Array; first: number; width: number },
): void => {
  if (encoding.kind === 'number') throw new Error(`"${encoding.name}" was fitted as numbers.`);
  const places = new Map(encoding.categories.map((text, place) => [text, place]));
  const placeOf = Int32Array.from(categories, (text) => places.get(text) ?? -1);
  for (let row = 0; row < rows.length; row++) {
    const code = codes[rows[row]];
    const at = row * width + first;
    const place = code < 0 ? -1 : placeOf[code];
    if (encoding.kind === 'ordinal') features[at] = code < 0 ? NaN : place < 0 ? encoding.categories.length : place;
    else if (place >= 0) features[at + place] = 1;
    else if (code < 0 && encoding.missing) features[at + encoding.categories.length] = 1;
  }
};

const byFrequency = ({ codes, categories }: CategoryColumn, rows: Int32Array): string[] => {
  const counts = new Int32Array(categories.length);
  for (const row of rows) if (codes[row] >= 0) counts[codes[row]]++;
  return [...categories.keys()]
    .filter((code) => counts[code] > 0)
    .sort((a, b) => counts[b] - counts[a] || byCodePoint(categories[a], categories[b]))
    .map((code) => categories[code]);
};

const featureNamesOf = (encoding: Encoding): string[] =>
  encoding.kind === 'one-hot'
    ? [
        ...encoding.categories.map((category) => `${encoding.name} = ${category}`),
        ...(encoding.missing ? [`${encoding.name} is missing`] : []),
      ]
    : [encoding.name];
