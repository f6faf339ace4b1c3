/**
 * What a file may hold at most before any session is made of it. Far beyond honest models, and low enough that a hostile
 * file is refused by reading it instead of by exhausting the process that serves the others.
 */
export const limits = {
  /** Protobuf itself ends at 2 GiB; larger models can't be one file, so they can't be frozen or sent. */
  sizeBytes: 2 ** 31 - 1,
  /** What is left of a file without its weights and tables: kept in memory while a model is outlined. */
  outlineBytes: 256 * 2 ** 20,
  /** Operators over all graphs and functions; GPT-size exports have some ten thousand. */
  nodes: 500_000,
  /** Graphs inside graphs (bodies of If, Loop, Scan). */
  nesting: 16,
  /** Inputs, and outputs, of the graph. */
  values: 1_000,
  rank: 32,
  /** Size of one dimension, and of the product of a tensor's fixed ones. */
  elements: 2 ** 31 - 1,
} as const;

export type Limits = { readonly [K in keyof typeof limits]: number };
