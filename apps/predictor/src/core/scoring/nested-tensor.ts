import type { TensorSpec } from '#contracts';
import { elementCount, type Tensor } from '#onnx';
import { allocate, setElement } from '../tensor-elements.js';
import { castCell } from './cast-cell.js';
import { invalid, kindOf } from './scoring-input.js';

/**
 * One tensor out of nested lists, as `numpy.array` makes it: the shape is how they are nested.
 * @throws PlatformError INPUT_INVALID naming the tensor and where it is not as the model takes it.
 */
export const nestedTensor = ({ name, datatype, shape: promised }: TensorSpec, values: unknown): Tensor => {
  const shape = shapeOf(name, values, promised.length);
  const fits = shape.length === promised.length && promised.every((size, axis) => size === -1 || size === shape[axis]);
  if (!fits)
    throw invalid(`Input "${name}" has shape [${shape.join(', ')}]; the model takes [${promised.join(', ')}].`);
  const data = allocate(datatype, elementCount(shape));
  let at = 0;
  const fill = (value: unknown, axis: number): void => {
    if (axis < shape.length) {
      if (!Array.isArray(value) || value.length !== shape[axis])
        throw invalid(
          `Input "${name}" is ragged: its lists on axis ${String(axis)} are not all ${String(shape[axis])} long.`,
        );
      for (const item of value) fill(item, axis + 1);
      return;
    }
    const made = castCell(datatype, value);
    if ('fault' in made)
      throw invalid(`Input "${name}", element ${String(at)}, must be ${made.fault}, not ${kindOf(value)}.`);
    setElement(data, at, made.element);
    at += 1;
  };
  fill(values, 0);
  return { name, datatype, shape, data };
};

/** How the first elements are nested. Lists deeper than the model's rank are not followed: their depth is the sender's choice. */
const shapeOf = (name: string, values: unknown, rank: number): number[] => {
  const shape: number[] = [];
  for (let value = values; Array.isArray(value); value = (value as unknown[])[0]) {
    if (shape.length === rank)
      throw invalid(`Input "${name}" is nested deeper than the ${String(rank)} dimensions that the model takes.`);
    shape.push(value.length);
    if (value.length === 0) throw invalid(`Input "${name}" holds an empty list; send at least one row.`);
  }
  return shape;
};
