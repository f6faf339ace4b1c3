import { PlatformError } from '#runtime';

/** What a scoring request holds, whichever of MLflow's forms it came in. */
export type ScoringInput =
  /** A data frame; without names its columns go by their order. An absent cell is undefined. */
  | { form: 'table'; names: readonly string[] | undefined; rows: readonly (readonly unknown[])[] }
  /** One tensor, as nested lists or a single value. */
  | { form: 'values'; values: unknown }
  /** A tensor or a column by each name. */
  | { form: 'named'; values: ReadonlyMap<string, unknown> };

/** What was sent, and whether it was sent as a data frame: MLflow answers those otherwise than tensors. */
export interface ScoringRequest {
  input: ScoringInput;
  isFrame: boolean;
}

const FORMS = ['dataframe_split', 'dataframe_records', 'instances', 'inputs'] as const;
const EXAMPLE = '{"dataframe_split": {"columns": ["a", "b"], "data": [[1, 2]]}}';

/**
 * Reads the JSON body of MLflow's scoring protocol: one of `dataframe_split`, `dataframe_records`, `instances` and `inputs`.
 * What else stands there is not looked at, as MLflow does not; `params` mean something to Python functions, an ONNX graph takes none.
 * @throws PlatformError INPUT_INVALID with what to send instead.
 */
export const readScoring = (body: unknown): ScoringRequest => {
  if (!isObject(body)) throw invalid(`The body must be an object such as ${EXAMPLE}, not ${kindOf(body)}.`);
  const given = FORMS.filter((form) => Object.hasOwn(body, form));
  if (given.length !== 1)
    throw invalid(
      `The body must have exactly one of ${FORMS.join(', ')}; it has ${given.length === 0 ? 'none of them' : given.join(' and ')}. It looks like ${EXAMPLE}.`,
    );
  const [form] = given;
  const data = body[form];
  if (form === 'dataframe_split') return { input: splitFrame(data), isFrame: true };
  if (form === 'dataframe_records') return { input: recordsFrame(data, form), isFrame: true };
  return { input: tensorsOrColumns(data, form), isFrame: false };
};

const splitFrame = (data: unknown): ScoringInput => {
  if (!isObject(data)) throw invalid(`dataframe_split must be an object, not ${kindOf(data)}; the body is ${EXAMPLE}.`);
  const unknown = Object.keys(data).find((key) => !['columns', 'index', 'data'].includes(key));
  if (unknown !== undefined) throw invalid(`dataframe_split has columns, index and data; "${unknown}" is unknown.`);
  const { columns, data: rows, index } = data;
  if (!Array.isArray(rows)) throw invalid(`dataframe_split.data must be a list of rows, not ${kindOf(rows)}.`);
  if (index !== undefined && index !== null && (!Array.isArray(index) || index.length !== rows.length))
    throw invalid('dataframe_split.index must have one entry per row of data.');
  const names = columns === undefined || columns === null ? undefined : columnNames(columns);
  // A list of single values is a frame of one column.
  const table = rows.map((row: unknown): unknown[] => (Array.isArray(row) ? row : [row]));
  const width = names?.length ?? table.at(0)?.length ?? 0;
  table.forEach((row, at) => {
    if (row.length !== width)
      throw invalid(`dataframe_split.data: row ${String(at)} has ${counted(row.length)}, not ${String(width)}.`);
  });
  return { form: 'table', names, rows: table };
};

/** The first name that stands there before, if any. */
export const firstTwice = (names: readonly string[]): string | undefined => {
  const seen = new Set<string>();
  return names.find((name) => seen.size === seen.add(name).size);
};

const columnNames = (columns: unknown): string[] => {
  if (!Array.isArray(columns))
    throw invalid(`dataframe_split.columns must be a list of names, not ${kindOf(columns)}.`);
  const names = columns.map(String);
  const twice = firstTwice(names);
  if (twice !== undefined) throw invalid(`dataframe_split.columns names "${twice}" twice.`);
  return names;
};

/** One object per row; what a row leaves out is missing in it. */
const recordsFrame = (data: unknown, form: string): ScoringInput => {
  if (!Array.isArray(data)) throw invalid(`${form} must be a list of records, not ${kindOf(data)}.`);
  const places = new Map<string, number>();
  const rows = data.map((record: unknown, at): unknown[] => {
    if (!isObject(record)) throw invalid(`${form}: row ${String(at)} is ${kindOf(record)}, not a record.`);
    const row: unknown[] = [];
    for (const [name, value] of Object.entries(record)) {
      let place = places.get(name);
      if (place === undefined) places.set(name, (place = places.size));
      row[place] = value;
    }
    return row;
  });
  return { form: 'table', names: [...places.keys()], rows };
};

const tensorsOrColumns = (data: unknown, form: string): ScoringInput => {
  if (isObject(data)) return { form: 'named', values: new Map(Object.entries(data)) };
  if (Array.isArray(data) && data.length > 0 && data.some(isObject)) return recordsFrame(data, form);
  return { form: 'values', values: data };
};

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A value's kind, for sentences. */
export const kindOf = (value: unknown): string => {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  return typeof value === 'string' ? 'a string' : typeof value === 'boolean' ? 'true or false' : 'a number';
};

const counted = (values: number): string => (values === 1 ? '1 value' : `${String(values)} values`);

export const invalid = (detail: string): PlatformError => new PlatformError('INPUT_INVALID', detail);
