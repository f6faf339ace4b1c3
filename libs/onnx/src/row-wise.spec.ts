import { describe, expect, it } from 'vitest';
import { ML_DOMAIN, type Attribute, type Graph, type GraphNode, type Initializer } from './graph.js';
import { readOperators } from './operators.js';
import { isRowWise } from './row-wise.js';
import { writeModel } from './write-model.js';

const node = (
  op: string,
  inputs: string,
  attributes: Record<string, Attribute> = {},
  domain?: typeof ML_DOMAIN,
): GraphNode => ({
  op,
  domain,
  inputs: inputs.split(' '),
  outputs: ['y'],
  attributes,
});
const axis = (int: number): Record<string, Attribute> => ({ axis: { int } });
const floats = (name: string, ...shape: number[]): Initializer => ({
  name,
  shape,
  data: new Float32Array(shape.reduce((product, size) => product * size, 1)),
});
const whole = (name: string, ...values: number[]): Initializer => ({
  name,
  shape: [values.length],
  data: BigInt64Array.from(values, BigInt),
});

/** A model of one or more operators from `x` (and `z`, rows as well), each with four columns, to `y`. */
const keepsRowsApart = (
  nodes: readonly GraphNode[],
  initializers: Initializer[] = [],
  more: Partial<Graph> = {},
): boolean => {
  const inputs = ['x', 'z'].map((name) => ({ name, datatype: 'FP32' as const, shape: [-1, 4] }));
  const outputs = [{ name: 'y', datatype: 'FP32' as const, shape: [-1] }];
  return isRowWise(readOperators(writeModel({ name: 'g', inputs, outputs, nodes, initializers, ...more })));
};

describe('operators that keep rows apart', () => {
  it.each<[string, GraphNode, Initializer[]?]>([
    ['value by value', node('Relu', 'x')],
    ['two inputs of rows', node('Add', 'x z')],
    ['a constant of fewer axes', node('Mul', 'x c'), [floats('c', 4)]],
    ['weights on the right', node('MatMul', 'x w'), [floats('w', 4, 2)]],
    ['a linear layer', node('Gemm', 'x w b', { transB: { int: 1 } }), [floats('w', 2, 4), floats('b', 2)]],
    ['columns turned into shares', node('Softmax', 'x', axis(1))],
    ['the last axis by default', node('Softmax', 'x')],
    ['the largest column', node('ArgMax', 'x', axis(-1))],
    ['a mean over columns, as attribute', node('ReduceMean', 'x', { axes: { ints: [1] } })],
    ['a mean over columns, as input', node('ReduceSum', 'x axes'), [whole('axes', -1)]],
    ['columns side by side', node('Concat', 'x z', axis(1))],
    ['some columns', node('Gather', 'x i', axis(1)), [whole('i', 0, 2)]],
    ['an entry for each row', node('Gather', 'c x', axis(0)), [floats('c', 9, 3)]],
    ['the first axis left free', node('Reshape', 'x s'), [whole('s', -1, 2, 2)]],
    ['the first axis copied', node('Reshape', 'x s'), [whole('s', 0, -1)]],
    ['one more axis behind', node('Unsqueeze', 'x a'), [whole('a', 1)]],
    ['a cut of columns', node('Slice', 'x f t a'), [whole('f', 0), whole('t', 2), whole('a', 1)]],
    ['the later axes turned round', node('Transpose', 'x', { perm: { ints: [0, 1] } })],
    [
      'trees',
      node('TreeEnsembleRegressor', 'x', { nodes_treeids: { ints: new Array<number>(5000).fill(0) } }, ML_DOMAIN),
    ],
    ['a scaler', node('Scaler', 'x', { offset: { floats: [0, 0, 0, 0] } }, ML_DOMAIN)],
  ])('%s', (_, one, initializers) => {
    expect(keepsRowsApart([one], initializers)).toBe(true);
  });

  it('one after the other, with constants that are computed', () => {
    const nodes = [
      { ...node('Cast', 'w0', { to: { int: 1 } }), outputs: ['w'] },
      { ...node('MatMul', 'x w'), outputs: ['h'] },
      { ...node('ReduceMax', 'h', { axes: { ints: [1] }, keepdims: { int: 0 } }), outputs: ['m'] },
      node('Sqrt', 'm'),
    ];
    expect(keepsRowsApart(nodes, [floats('w0', 4, 2)])).toBe(true);
  });
});

describe('operators that may mix rows', () => {
  it.each<[string, GraphNode, Initializer[]?]>([
    ['shares over rows', node('Softmax', 'x', axis(0))],
    ['the largest row, by default', node('ArgMax', 'x')],
    ['a mean over all', node('ReduceMean', 'x')],
    ['a mean over rows', node('ReduceMean', 'x', { axes: { ints: [-2] } })],
    ['a mean over axes that are computed', node('ReduceSum', 'x z')],
    ['a scale over all', node('DynamicQuantizeLinear', 'x')],
    ['rows turned into columns', node('Transpose', 'x', { perm: { ints: [1, 0] } })],
    ['all axes turned round, by default', node('Transpose', 'x')],
    ['rows on the right', node('MatMul', 'w x'), [floats('w', 2, 4)]],
    ['rows by rows', node('MatMul', 'x z')],
    ['a turned first operand', node('Gemm', 'x w', { transA: { int: 1 } }), [floats('w', 4, 2)]],
    ['rows one below the other', node('Concat', 'x z', axis(0))],
    ['some rows', node('Gather', 'x i'), [whole('i', 0)]],
    ['a cut from the first axis on', node('Slice', 'x f t'), [whole('f', 0), whole('t', 2)]],
    ['all in one row', node('Reshape', 'x s'), [whole('s', 1, -1)]],
    ['a shape that is computed', node('Reshape', 'x z')],
    ['an axis before the rows', node('Unsqueeze', 'x a'), [whole('a', 0)]],
    ['a constant with an axis before the rows', node('Add', 'x c'), [floats('c', 2, 1, 4)]],
    ['an operator that is not known', node('Frobnicate', 'x')],
    ['what is drawn by chance', node('RandomNormalLike', 'x')],
  ])('%s', (_, one, initializers) => {
    expect(keepsRowsApart([one], initializers)).toBe(false);
  });

  it('rows of another rank, which meet as columns', () => {
    const column = { name: 'x', datatype: 'FP32' as const, shape: [-1] };
    const table = { name: 'z', datatype: 'FP32' as const, shape: [-1, 4] };
    expect(keepsRowsApart([node('Add', 'x z')], [], { inputs: [column, table] })).toBe(false);
  });

  it('an output that is no rows at all', () => {
    expect(keepsRowsApart([node('Identity', 'c')], [floats('c', 1)])).toBe(false);
  });
});
