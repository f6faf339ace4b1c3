import { elementTypeName } from './element-type.js';
import type { FilePart, MessageTree } from './message-tree.js';
import { eachField } from './proto-message.js';

/** Fields of `TensorProto` that say where its values are. */
export const EXTERNAL_DATA = 13;
export const DATA_LOCATION = 14;
/** The fields that hold them in the tensor itself. */
const VALUES = [4, 5, 6, 7, 9, 10, 11];

/** Bits of one element by `TensorProto.DataType`; strings have no size and can't lie in another file. */
const bits = new Map<number, number>([
  ...[2, 3, 9, 17, 18, 19, 20, 24].map((type) => [type, 8] as const),
  ...[4, 5, 10, 16].map((type) => [type, 16] as const),
  ...[1, 6, 12].map((type) => [type, 32] as const),
  ...[7, 11, 13, 14].map((type) => [type, 64] as const),
  ...[21, 22, 23].map((type) => [type, 4] as const),
  ...[25, 26].map((type) => [type, 2] as const),
  [15, 128],
]);

interface Values {
  name: string;
  elementType: number;
  elements: number;
  hasValues: boolean;
  isExternal: boolean;
  entries: Map<string, string>;
}

/** Where the values of a tensor lie, or undefined when they are in the tensor. @throws RangeError when it says so oddly. */
export const externalPart = (tensor: MessageTree): FilePart | undefined => {
  const values = valuesOf(tensor);
  const { name, entries } = values;
  if (!values.isExternal && entries.size === 0) return undefined;
  const fault = (what: string) => new RangeError(`the external data of tensor "${name.slice(0, 200)}" ${what}`);
  if (!values.isExternal) throw fault('is named without being its data location');
  if (values.hasValues) throw fault('is named beside values of its own');
  const file = entries.get('location');
  if (file === undefined) throw fault('names no file');
  const unsafe = faultOfPath(file);
  if (unsafe !== undefined) throw fault(`names the file ${JSON.stringify(file.slice(0, 200))}, which ${unsafe}`);
  const size = bits.get(values.elementType);
  if (size === undefined) throw fault(`is of ${elementTypeName(values.elementType)}, which has no fixed size`);
  const length = Math.ceil((values.elements * size) / 8);
  const start = countOf(entries.get('offset') ?? '0');
  if (start === undefined) throw fault('has an offset that is no number');
  const told = entries.get('length');
  if (told !== undefined && countOf(told) !== length)
    throw fault(`says it has ${told.slice(0, 30)} bytes, but its shape needs ${String(length)}`);
  return { file, start, length };
};

const valuesOf = (tensor: MessageTree): Values => {
  const found: Values = {
    name: '',
    elementType: 0,
    elements: 1,
    hasValues: false,
    isExternal: false,
    entries: new Map(),
  };
  for (const field of tensor.fields) {
    if (!('encoded' in field)) {
      found.hasValues = true;
      continue;
    }
    eachField(field.encoded, [1, 2, 8, EXTERNAL_DATA, DATA_LOCATION, ...VALUES], (one) => {
      if (one.number === 1) for (const dimension of one.integers()) found.elements *= dimension;
      else if (one.number === 2) found.elementType = one.integer();
      else if (one.number === 8) found.name = one.text();
      else if (one.number === EXTERNAL_DATA) addEntry(one.bytes(), found.entries);
      else if (one.number === DATA_LOCATION) found.isExternal = one.integer() === 1;
      else found.hasValues = true;
    });
  }
  if (!Number.isSafeInteger(found.elements) || found.elements < 0)
    throw new RangeError(`tensor "${found.name.slice(0, 200)}" has no shape that can be`);
  return found;
};

const addEntry = (bytes: Uint8Array, entries: Map<string, string>): void => {
  let [key, value] = ['', ''];
  eachField(bytes, [1, 2], (field) => {
    if (field.number === 1) key = field.text();
    else value = field.text();
  });
  if (entries.has(key)) throw new RangeError(`external data names its ${JSON.stringify(key.slice(0, 50))} twice`);
  entries.set(key, value);
};

const countOf = (text: string): number | undefined => (/^\d{1,15}$/.test(text) ? Number(text) : undefined);

/** A path that some reader could take for a way out of the folder is refused, in any spelling. */
const faultOfPath = (path: string): string | undefined => {
  if (path === '' || path.length > 500) return 'is empty or too long';
  if (path.startsWith('/') || /^[a-z][a-z0-9+.-]*:/i.test(path)) return 'is not relative to the model';
  if (/[\\\u0000-\u001f\u007f]/.test(path) || !path.isWellFormed()) return 'holds characters that no file name has';
  if (/%(2e|2f|5c|00|25)/i.test(path)) return 'is encoded';
  return path.split('/').some((part) => part === '' || part === '.' || part === '..')
    ? 'is no plain path below the model'
    : undefined;
};
