import type { Constant, Operator } from './operators.js';

/** A tensor whose first axis is the rows of the request, or what is the same whatever is asked. */
export type Flow = { readonly isRows: true; readonly rank: number } | ({ readonly isRows: false } & Constant);

/** The ranks of an operator's outputs when it keeps rows apart; undefined when it may mix them. At least one input is rows. */
export type Rule = (operator: Operator, inputs: readonly (Flow | undefined)[]) => number[] | undefined;

/** The rank of an input that is rows. */
const rowsAt = (inputs: readonly (Flow | undefined)[], at: number): number | undefined => {
  const flow = inputs[at];
  return flow?.isRows ? flow.rank : undefined;
};

const restIsFixed = (inputs: readonly (Flow | undefined)[]): boolean => inputs.slice(1).every((flow) => !flow?.isRows);

/** Value by value with broadcasting: rows meet rows of the same rank, and constants that have no axis before theirs. */
const elementwise: Rule = (_, inputs) => {
  const given = inputs.filter((flow) => flow !== undefined);
  const rank = given.find((flow) => flow.isRows)?.rank ?? 0;
  const fits = given.every((flow) => (flow.isRows ? flow.rank === rank : (flow.rank ?? Infinity) <= rank));
  return fits ? [rank] : undefined;
};

/** Rows first, parameters after it; the outputs have the rank of the rows unless told. */
const byRow =
  (ranks: (rank: number) => number[] = (rank) => [rank], leastRank = 1, mostRank = Infinity): Rule =>
  (_, inputs) => {
    const rank = rowsAt(inputs, 0);
    if (rank === undefined || rank < leastRank || rank > mostRank || !restIsFixed(inputs)) return undefined;
    return ranks(rank);
  };

/** Classical models: a table of numbers in, a table or a column out. */
const table = (...ranks: number[]): Rule => byRow(() => ranks, 2, 2);

/** All of `axes` lie behind the first one. */
const behindRows = (axes: readonly number[] | undefined, rank: number): boolean =>
  axes !== undefined && axes.length > 0 && axes.every((axis) => (axis < 0 ? axis + rank : axis) >= 1);

const integersAt = (inputs: readonly (Flow | undefined)[], at: number): readonly number[] | undefined => {
  const flow = inputs[at];
  return flow === undefined || flow.isRows ? undefined : flow.integers;
};

/** Works along the axis of its attribute. */
const alongAxis =
  (fallback: number | undefined, outputs = 1): Rule =>
  ({ integers }, inputs) => {
    const rank = rowsAt(inputs, 0);
    const [axis = fallback] = integers.get('axis') ?? [];
    if (rank === undefined || axis === undefined || !restIsFixed(inputs)) return undefined;
    return behindRows([axis], rank) ? Array<number>(outputs).fill(rank) : undefined;
  };

/** Older operator sets give the axes as an attribute, newer ones as an input. */
const axesOf = ({ integers }: Operator, inputs: readonly (Flow | undefined)[], at: number) =>
  integers.get('axes') ?? integersAt(inputs, at);

const reduce: Rule = (operator, inputs) => {
  const rank = rowsAt(inputs, 0);
  const axes = operator.integers.has('axis') ? operator.integers.get('axis') : axesOf(operator, inputs, 1);
  if (rank === undefined || axes === undefined || !behindRows(axes, rank)) return undefined;
  const [keepsAxes = 1] = operator.integers.get('keepdims') ?? [];
  return [keepsAxes === 1 ? rank : rank - axes.length];
};

const concat: Rule = ({ integers }, inputs) => {
  const rank = rowsAt(inputs, 0);
  if (rank === undefined || !behindRows(integers.get('axis'), rank)) return undefined;
  return inputs.every((flow) => flow?.isRows && flow.rank === rank) ? [rank] : undefined;
};

const matMul: Rule = (_, inputs) => {
  const [left, right] = inputs;
  if (!left?.isRows || right === undefined) return undefined;
  if (right.isRows) return left.rank === right.rank && left.rank >= 3 ? [left.rank] : undefined;
  return left.rank >= 2 && right.rank === 2 ? [left.rank] : undefined;
};

const gemm: Rule = ({ integers }, inputs) =>
  integers.get('transA')?.[0] !== 1 && rowsAt(inputs, 0) === 2 && restIsFixed(inputs) ? [2] : undefined;

/** Picks columns of the rows, or one of the constant's entries for each row (an embedding). */
const gather: Rule = ({ integers }, [data, indices]) => {
  const [axis = 0] = integers.get('axis') ?? [];
  if (data === undefined || indices?.rank === undefined || data.rank === undefined || data.isRows === indices.isRows)
    return undefined;
  const fits = data.isRows ? behindRows([axis], data.rank) : axis === 0 && indices.rank >= 1;
  return fits ? [data.rank - 1 + indices.rank] : undefined;
};

/** The first axis is kept: copied, or what is left when all others are given. */
const reshape: Rule = ({ integers }, inputs) => {
  const shape = integersAt(inputs, 1);
  if (rowsAt(inputs, 0) === undefined || shape === undefined || integers.get('allowzero')?.[0] === 1) return undefined;
  return shape[0] === -1 || shape[0] === 0 ? [shape.length] : undefined;
};

const resize =
  (grows: 1 | -1): Rule =>
  (operator, inputs) => {
    const rank = rowsAt(inputs, 0);
    const axes = axesOf(operator, inputs, 1);
    if (rank === undefined || axes === undefined) return undefined;
    const after = rank + grows * axes.length;
    return behindRows(axes, Math.max(rank, after)) ? [after] : undefined;
  };

const slice: Rule = ({ integers }, inputs) => {
  const rank = rowsAt(inputs, 0);
  const axes = integers.get('axes') ?? integersAt(inputs, 3);
  return rank !== undefined && behindRows(axes, rank) && restIsFixed(inputs) ? [rank] : undefined;
};

const transpose: Rule = ({ integers }, inputs) => {
  const rank = rowsAt(inputs, 0);
  return rank !== undefined && integers.get('perm')?.[0] === 0 ? [rank] : undefined;
};

const flatten: Rule = ({ integers }, inputs) =>
  rowsAt(inputs, 0) !== undefined && (integers.get('axis')?.[0] ?? 1) === 1 ? [2] : undefined;

const oneHot: Rule = ({ integers }, inputs) => {
  const rank = rowsAt(inputs, 0);
  const [axis = -1] = integers.get('axis') ?? [];
  return rank !== undefined && restIsFixed(inputs) && behindRows([axis], rank + 1) ? [rank + 1] : undefined;
};

const batchNormalization: Rule = ({ integers, outputs }, inputs) =>
  integers.get('training_mode')?.[0] === 1 || outputs.length > 1 ? undefined : byRow(undefined, 2)(NO_OPERATOR, inputs);

const NO_OPERATOR: Operator = { name: '', inputs: [], outputs: [], integers: new Map(), hasBody: false };

const named = (rule: Rule, names: string, domain = ''): [string, Rule][] =>
  names.split(' ').map((name) => [`${domain}:${name}`, rule]);

const ML = 'ai.onnx.ml';

/** By the semantics of the ONNX operator specification; an operator that is not here may mix rows. */
export const rules: ReadonlyMap<string, Rule> = new Map([
  ...named(
    elementwise,
    'Abs Acos Acosh Add And Asin Asinh Atan Atanh BitwiseAnd BitwiseNot BitwiseOr BitwiseXor Cast Ceil Celu Clip Cos Cosh Div Elu ' +
      'Equal Erf Exp Floor Gelu Greater GreaterOrEqual HardSigmoid HardSwish Identity IsInf IsNaN LeakyRelu Less LessOrEqual Log Max ' +
      'Mean Min Mish Mod Mul Neg Not Or PRelu Pow Reciprocal Relu Round Selu Shrink Sigmoid Sign Sin Sinh Softplus Softsign Sqrt Sub ' +
      'Sum Tan Tanh ThresholdedRelu Where Xor',
  ),
  ...named(byRow(), 'QuantizeLinear DequantizeLinear'),
  ...named(byRow(undefined, 2), 'InstanceNormalization LRN GlobalAveragePool GlobalMaxPool DepthToSpace SpaceToDepth'),
  ...named(byRow(undefined, 3), 'Conv ConvTranspose AveragePool MaxPool LpPool'),
  ...named(batchNormalization, 'BatchNormalization'),
  ...named(alongAxis(-1), 'LayerNormalization RMSNormalization LpNormalization'),
  // Before operator set 13 the axis was 1 by default: behind the rows as well.
  ...named(alongAxis(-1), 'Softmax LogSoftmax Hardmax'),
  ...named(alongAxis(-1, 2), 'TopK'),
  ...named(alongAxis(undefined, 64), 'Split'),
  ...named(
    reduce,
    'ArgMax ArgMin ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd',
  ),
  ...named(reduce, 'ReduceSum ReduceSumSquare'),
  ...named(matMul, 'MatMul'),
  ...named(gemm, 'Gemm'),
  ...named(concat, 'Concat'),
  ...named(gather, 'Gather'),
  ...named(reshape, 'Reshape'),
  ...named(resize(1), 'Unsqueeze'),
  ...named(resize(-1), 'Squeeze'),
  ...named(slice, 'Slice'),
  ...named(transpose, 'Transpose'),
  ...named(flatten, 'Flatten'),
  ...named(oneHot, 'OneHot'),
  ...named(byRow(), 'Binarizer CategoryMapper LabelEncoder', ML),
  ...named(
    byRow((rank) => [rank + 1]),
    'OneHotEncoder',
    ML,
  ),
  ...named(table(2), 'ArrayFeatureExtractor Imputer LinearRegressor Normalizer SVMRegressor Scaler', ML),
  ...named(table(2), 'TreeEnsemble TreeEnsembleRegressor', ML),
  ...named(table(1, 2), 'LinearClassifier SVMClassifier TreeEnsembleClassifier', ML),
  ...named(
    (_, inputs) => (inputs.every((flow) => flow?.isRows && flow.rank === 2) ? [2] : undefined),
    'FeatureVectorizer',
    ML,
  ),
]);
