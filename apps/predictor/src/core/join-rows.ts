import { arrayOf, type Tensor } from '#onnx';

/** The same tensors of several requests one below the other, in fresh memory. All but the first dimension are equal. */
export const joinRows = (requests: readonly (readonly Tensor[])[]): Tensor[] =>
  requests[0].map((first, at) => {
    let rows = 0;
    let length = 0;
    for (const inputs of requests) {
      rows += inputs[at].shape[0];
      length += inputs[at].data.length;
    }
    const { name, datatype } = first;
    const shape = [rows, ...first.shape.slice(1)];
    const array = arrayOf[datatype];
    if (array === null)
      return { name, datatype, shape, data: requests.flatMap((inputs) => inputs[at].data as string[]) };
    const data = new array(length);
    let next = 0;
    for (const inputs of requests) {
      const part = inputs[at].data;
      data.set(part as never, next);
      next += part.length;
    }
    return { name, datatype, shape, data };
  });

/** So many rows of a tensor, as a view of its memory. */
export const rowsOf = ({ name, datatype, shape, data }: Tensor, from: number, count: number): Tensor => {
  const width = shape[0] === 0 ? 0 : data.length / shape[0];
  const [begin, end] = [from * width, (from + count) * width];
  const part = Array.isArray(data) ? data.slice(begin, end) : data.subarray(begin, end);
  return { name, datatype, shape: [count, ...shape.slice(1)], data: part };
};

/** True when every output has one row per row that went in: only then is it known whose they are. */
export const haveRows = (outputs: readonly Tensor[], rows: number): boolean =>
  outputs.every(({ shape }) => shape[0] === rows);

/** True when the requests differ in nothing but their rows and values. */
export const joinable = (one: readonly Tensor[], other: readonly Tensor[]): boolean => {
  for (let at = 0; at < one.length; at += 1) {
    const [a, b] = [one[at].shape, other[at].shape];
    if (a.length !== b.length) return false;
    for (let axis = 1; axis < a.length; axis += 1) if (a[axis] !== b[axis]) return false;
  }
  return true;
};
