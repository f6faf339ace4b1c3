import { z } from 'zod';
import type { TensorSpec } from '#contracts';
import { arrayOf, elementCount, type Tensor } from '#onnx';

/** What was logged with a model. */
export const loggedBeside = z.object({
  /** How many columns its signature names. */
  columns: z.int().optional(),
  /** The file of its input example, as it is sent to a server. */
  example: z.string().optional(),
});
export type LoggedBeside = z.infer<typeof loggedBeside>;

/**
 * One row of zeros, as predictors try a model that was logged without an example: free dimensions are 1, those of a table as many as the
 * signature has columns. Text is "0": it can be cast to a number.
 */
export const zeros = (inputs: readonly TensorSpec[], columns = 1): Tensor[] =>
  inputs.map(({ name, datatype, shape }) => {
    const isTable = inputs.length === 1 && shape.length === 2;
    const fixed = shape.map((size, axis) => (size !== -1 ? size : isTable && axis === 1 ? columns : 1));
    const make = arrayOf[datatype];
    const count = elementCount(fixed);
    return { name, datatype, shape: fixed, data: make === null ? Array<string>(count).fill('0') : new make(count) };
  });

const example = z.union([
  z.object({ inputs: z.union([z.array(z.unknown()), z.record(z.string(), z.unknown())]) }),
  z.object({
    dataframe_split: z.object({ columns: z.array(z.unknown()).default([]), data: z.array(z.array(z.unknown())) }),
  }),
]);

/**
 * An input example as tensors. Undefined when it is not plainly what the graph takes: predictors know more forms, and what they may serve is
 * not refused here.
 */
export const exampleInputs = (inputs: readonly TensorSpec[], given: unknown): Tensor[] | undefined => {
  const read = example.safeParse(given).data;
  if (read === undefined) return undefined;
  const tensors = inputs.map((spec) => tensorOf(spec, valuesOf(inputs, spec, read)));
  return tensors.every((tensor) => tensor !== undefined) ? tensors : undefined;
};

const valuesOf = (inputs: readonly TensorSpec[], { name }: TensorSpec, read: z.infer<typeof example>): unknown => {
  if ('dataframe_split' in read) {
    const { columns, data } = read.dataframe_split;
    return inputs.length === 1 ? data : data.map((row) => [row[columns.indexOf(name)]]);
  }
  if (!Array.isArray(read.inputs)) return read.inputs[name];
  return inputs.length === 1 ? read.inputs : undefined;
};

const tensorOf = ({ name, datatype, shape: promised }: TensorSpec, nested: unknown): Tensor | undefined => {
  const shape: number[] = [];
  for (let inner = nested; Array.isArray(inner); inner = (inner as unknown[])[0]) shape.push(inner.length);
  const fits =
    shape.length === promised.length && shape.every((size, at) => promised[at] === -1 || promised[at] === size);
  if (!fits || !isRegular(nested, shape)) return undefined;
  const values = (Array.isArray(nested) ? nested.flat(Infinity) : [nested]).map(
    elements[datatype] ?? (() => undefined),
  );
  if (values.includes(undefined)) return undefined;
  const make = arrayOf[datatype];
  if (make === null) return { name, datatype, shape, data: values as string[] };
  const data = new make(values.length);
  values.forEach((value, at) => (data[at] = value as never));
  return { name, datatype, shape, data };
};

const isRegular = (nested: unknown, shape: readonly number[]): boolean =>
  shape.length === 0
    ? !Array.isArray(nested)
    : Array.isArray(nested) && nested.length === shape[0] && nested.every((inner) => isRegular(inner, shape.slice(1)));

type Element = (value: unknown) => number | bigint | string | undefined;

const whole: Element = (value) => (Number.isSafeInteger(value) ? (value as number) : undefined);
const long: Element = (value) => (Number.isSafeInteger(value) ? BigInt(value as number) : undefined);
/** A missing number is null in JSON. */
const real: Element = (value) => (value === null ? NaN : typeof value === 'number' ? value : undefined);

/** Half floats are left to predictors. */
const elements: Partial<Record<TensorSpec['datatype'], Element>> = {
  BOOL: (value) => (typeof value === 'boolean' ? Number(value) : undefined),
  UINT8: whole,
  UINT16: whole,
  UINT32: whole,
  INT8: whole,
  INT16: whole,
  INT32: whole,
  UINT64: long,
  INT64: long,
  FP32: real,
  FP64: real,
  BYTES: (value) => (value === null ? '' : typeof value === 'string' ? value : undefined),
};
