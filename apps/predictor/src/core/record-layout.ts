import type { ModelSignature, TensorSpec } from '#contracts';
import type { Tensor } from '#onnx';
import { allocate } from './tensor-elements.js';

/** Where a column goes: which tensor, which place in the row. */
export interface Place {
  name: string;
  tensor: number;
  at: number;
  required: boolean;
}

/** How rows of single values lie in the tensors of a model. */
export interface Layout {
  specs: readonly TensorSpec[];
  /** Elements that a row has in each tensor. */
  widths: number[];
  places: Place[];
}

/** `by order`: a table whose columns have no names. `not tabular`: an input is no column of single values. */
export const layoutOf = ({ inputs, columns }: ModelSignature): Layout | 'not tabular' | 'by order' => {
  const [only] = inputs;
  if (inputs.length === 1 && only.shape.length === 2 && columns !== undefined && columns.length > 0) {
    if (only.shape[1] !== -1 && only.shape[1] !== columns.length) return 'by order';
    const places = columns.map(({ name, required }, at) => ({ name, tensor: 0, at, required }));
    return { specs: inputs, widths: [columns.length], places };
  }
  if (inputs.length === 1 && only.shape.length === 2) return 'by order';
  if (!inputs.every(({ shape }) => shape.length === 1 || (shape.length === 2 && Math.abs(shape[1]) === 1)))
    return 'not tabular';
  const optional = new Set(columns?.filter(({ required }) => !required).map(({ name }) => name));
  const places = inputs.map(({ name }, tensor) => ({ name, tensor, at: 0, required: !optional.has(name) }));
  return { specs: inputs, widths: inputs.map(() => 1), places };
};

/** Tensors with room for so many rows. */
export const emptyTensors = ({ specs, widths }: Pick<Layout, 'specs' | 'widths'>, rows: number): Tensor[] =>
  specs.map(({ name, datatype, shape }, index) => ({
    name,
    datatype,
    shape: shape.length === 1 ? [rows] : [rows, widths[index]],
    data: allocate(datatype, rows * widths[index]),
  }));
