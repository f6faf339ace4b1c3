import type { TensorSpec } from '#contracts';

/** An attribute of a node. Numbers of `ints` must be safe integers; `floats` are rounded to float32. */
export type Attribute =
  | { float: number }
  | { int: number }
  | { string: string }
  | { floats: ArrayLike<number> }
  | { ints: ArrayLike<number> }
  | { strings: readonly string[] };

export interface GraphNode {
  op: string;
  /** Operator domain; empty for ONNX's own operators. */
  domain?: '' | typeof ML_DOMAIN;
  inputs: readonly string[];
  outputs: readonly string[];
  attributes?: Readonly<Record<string, Attribute>>;
}

/** A constant of the graph. */
export interface Initializer {
  name: string;
  shape: readonly number[];
  data: Float32Array | BigInt64Array | readonly string[];
}

/** A graph to be written. A dimension of -1 is free; the first free one of every tensor is the batch. */
export interface Graph {
  name: string;
  inputs: readonly TensorSpec[];
  outputs: readonly TensorSpec[];
  nodes: readonly GraphNode[];
  initializers?: readonly Initializer[];
  /** Shown by model viewers; no meaning to the runtime. */
  metadata?: Readonly<Record<string, string>>;
}

/** The domain of the classical machine-learning operators (trees, scalers, label encoders). */
export const ML_DOMAIN = 'ai.onnx.ml';
