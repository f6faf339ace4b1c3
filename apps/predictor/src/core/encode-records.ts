import type { ModelSignature, TensorSpec } from '#contracts';
import type { Tensor } from '#onnx';
import { PlatformError } from '#runtime';
import { compileFeatureNames, shortForm, type FeatureMatch } from './feature-names.js';
import { fitsHalf, halfOf } from './half-floats.js';
import { emptyTensors, layoutOf, type Layout } from './record-layout.js';
import { allocate, elementOf, setElement } from './tensor-elements.js';

/**
 * Turns the body of `POST /predict` (a list of records) into the tensors of one model.
 * @throws PlatformError INPUT_INVALID naming the row (counted from 0) and the field.
 */
export type RecordEncoder = (body: RecordsBody) => Tensor[];

/** A body in the two forms in which models take it; each is read only when it is asked for. */
export interface RecordsBody {
  /** As JSON has it: fields by their names. */
  byName(): unknown;
  /** The same with a `WrittenRecord` in the place of each object. */
  asWritten(): unknown;
}

/** The fields of one record in the order written, equal names included: a JavaScript object keeps neither. */
export class WrittenRecord {
  constructor(readonly fields: [name: string, value: unknown][]) {}
}

/** Compiles a signature once. A model whose single input names no columns takes fields by their order instead of their name. */
export const compileRecords = (signature: ModelSignature): RecordEncoder => {
  const layout = layoutOf(signature);
  if (layout === 'by order') return byOrder(signature.inputs[0]);
  if (layout === 'not tabular')
    return () => {
      throw invalid(
        'This model does not take records: an input is no column of single values. Use POST /v2/models/{name}/infer.',
      );
    };
  const example = exampleOf(layout.places.map(({ name }) => name));
  const find = compileFeatureNames(layout.places.map(({ name }) => name));
  return (body) => {
    const records = listOf(body.byName(), example);
    const tensors = emptyTensors(layout, records.length);
    records.forEach((record, row) => {
      fillByName({ record: recordOf(record, row, example), row, layout, tensors, find });
    });
    return tensors;
  };
};

interface Row {
  record: Record<string, unknown>;
  row: number;
  layout: Layout;
  tensors: Tensor[];
  find: (field: string) => FeatureMatch;
}

const fillByName = ({ record, row, layout, tensors, find }: Row): void => {
  const given = new Array<string | undefined>(layout.places.length);
  for (const [field, value] of Object.entries(record)) {
    const column = columnOf(find(field), field, row);
    const earlier = given[column];
    if (earlier !== undefined)
      throw invalid(`Row ${String(row)}: the fields "${earlier}" and "${field}" are the same feature.`);
    given[column] = field;
    const { tensor, at, required } = layout.places[column];
    if (value === null && !required) leaveOut(tensors[tensor], row * layout.widths[tensor] + at, row, field);
    else put(tensors[tensor], row * layout.widths[tensor] + at, value, row, field);
  }
  layout.places.forEach(({ name, required, tensor, at }, column) => {
    if (given[column] !== undefined) return;
    if (required) throw invalid(`Row ${String(row)}: the feature "${name}" is missing.`);
    leaveOut(tensors[tensor], row * layout.widths[tensor] + at, row, name);
  });
};

/** A column that is not required may be null or absent: what learned from tables with gaps knows these as NaN, and as "" among texts. */
const leaveOut = ({ datatype, data }: Tensor, at: number, row: number, feature: string): void => {
  if (datatype === 'BYTES') {
    setElement(data, at, '');
    return;
  }
  if (!datatype.startsWith('FP'))
    throw invalid(
      `Row ${String(row)}: the feature "${feature}" is missing; it need not be given, but ${datatype} has no value that means so.`,
    );
  setElement(data, at, datatype === 'FP16' ? halfOf(NaN) : NaN);
};

const columnOf = (match: FeatureMatch, field: string, row: number): number => {
  if ('column' in match) return match.column;
  if ('unknown' in match) throw invalid(`Row ${String(row)}: the model has no feature "${field}".`);
  const names = match.ambiguous.map((name) => `"${name}"`).join(' or ');
  throw invalid(`Row ${String(row)}: "${field}" could mean ${names}; write the whole name.`);
};

const put = (tensor: Tensor, at: number, value: unknown, row: number, field: string): void => {
  const half = tensor.datatype === 'FP16';
  const number = elementOf(half ? 'FP32' : tensor.datatype, value);
  const isBeyond = half && 'element' in number && !fitsHalf(Number(number.element));
  const made = isBeyond ? { fault: 'within the range of FP16' } : number;
  if ('fault' in made)
    throw invalid(`Row ${String(row)}: the feature "${field}" must be ${made.fault}, not ${shown(value)}.`);
  setElement(tensor.data, at, half ? halfOf(Number(made.element)) : made.element);
};

/** One unnamed input: as many fields as it has columns, in the order written, the same in every row. */
const byOrder = (spec: TensorSpec): RecordEncoder => {
  const columns = spec.shape[1];
  const example = exampleOf(Array.from({ length: columns === -1 ? 2 : columns }, (_, at) => `x${String(at)}`));
  return (body) => {
    const records = listOf(body.asWritten(), example);
    const fields = writtenOf(records[0], 0, example).map(([name]) => name);
    const width = columns === -1 ? fields.length : columns;
    if (fields.length !== width || width === 0)
      throw invalid(`Row 0: the model takes exactly ${counted(width)}, not ${String(fields.length)}.`);
    const tensor: Tensor = {
      name: spec.name,
      datatype: spec.datatype,
      shape: [records.length, width],
      data: allocate(spec.datatype, records.length * width),
    };
    records.forEach((record, row) => {
      const entries = writtenOf(record, row, example);
      if (entries.length !== width)
        throw invalid(`Row ${String(row)}: the model takes exactly ${counted(width)}, not ${String(entries.length)}.`);
      entries.forEach(([field, value], at) => {
        if (field !== fields[at])
          throw invalid(
            `Row ${String(row)}: field "${field}" stands where row 0 has "${fields[at]}"; this model goes by order.`,
          );
        put(tensor, row * width + at, value, row, field);
      });
    });
    return [tensor];
  };
};

const listOf = (body: unknown, example: string): unknown[] => {
  if (!Array.isArray(body)) throw invalid(`The body must be a list of records, such as ${example}.`);
  if (body.length === 0) throw invalid(`The list holds no record; send at least one, such as ${example}.`);
  return body;
};

const recordOf = (record: unknown, row: number, example: string): Record<string, unknown> => {
  if (typeof record === 'object' && record !== null && !Array.isArray(record)) return record as Record<string, unknown>;
  throw invalid(`Row ${String(row)} is ${shown(record)}, not a record; the body looks like ${example}.`);
};

const writtenOf = (record: unknown, row: number, example: string): WrittenRecord['fields'] =>
  record instanceof WrittenRecord ? record.fields : Object.entries(recordOf(record, row, example));

const exampleOf = (names: string[]): string => {
  const shown = names.slice(0, 4).map((name) => `"${shortForm(name) || name}": 1.5`);
  return `[{${shown.join(', ')}${names.length > 4 ? ', …' : ''}}]`;
};

const counted = (width: number): string => (width === 1 ? '1 field' : `${String(width)} fields`);

/** A value as an error sentence may show it: short, and its kind for what is long. */
const shown = (value: unknown): string => {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
};

const invalid = (detail: string): PlatformError => new PlatformError('INPUT_INVALID', detail);
