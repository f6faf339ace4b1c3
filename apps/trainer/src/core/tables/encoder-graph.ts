import { MISSING_WORDS } from '#contracts';
import { ML_DOMAIN, type GraphNode, type Initializer } from '#onnx';
import { widthOf, type Encoder, type Encoding } from './encoder.js';

/** `TensorProto.DataType.FLOAT`. */
const FLOAT = 1;

/** The encoder as a part of a graph: from one [-1, 1] tensor per column, called as the column, to one of features. */
export const encoderGraph = (
  { encodings }: Encoder,
  features: string,
  prefix: string,
): { nodes: GraphNode[]; initializers: Initializer[] } => {
  const parts = encodings.map((encoding, at) => partOf(encoding, `${prefix}column-${String(at)}`));
  const pieces = parts.map(({ output }) => output);
  return {
    nodes: [
      ...parts.flatMap(({ nodes }) => nodes),
      pieces.length === 1
        ? { op: 'Identity', inputs: pieces, outputs: [features] }
        : { op: 'Concat', inputs: pieces, outputs: [features], attributes: { axis: { int: 1 } } },
    ],
    initializers: parts.flatMap(({ initializers = [] }) => initializers),
  };
};

interface Part {
  output: string;
  nodes: GraphNode[];
  initializers?: Initializer[];
}

const partOf = (encoding: Encoding, prefix: string): Part => {
  const { name, kind } = encoding;
  if (kind === 'number') return { output: name, nodes: [] };
  const { categories } = encoding;
  // A word for "missing" that is a category by declaration stays one.
  const words = MISSING_WORDS.filter((word) => !categories.includes(word));
  if (kind === 'ordinal')
    return {
      output: `${prefix}:place`,
      nodes: [
        lookUp(name, `${prefix}:place`, [...categories, ...words], {
          values_floats: { floats: [...categories.keys(), ...words.map(() => NaN)] },
          default_float: { float: categories.length },
        }),
      ],
    };
  const known = encoding.missing ? [...categories, ...words] : categories;
  const width = widthOf(encoding);
  return {
    output: `${prefix}:hot`,
    initializers: [
      {
        name: `${prefix}:places`,
        shape: [1, width],
        data: BigInt64Array.from({ length: width }, (_, at) => BigInt(at)),
      },
    ],
    nodes: [
      lookUp(name, `${prefix}:place`, known, {
        values_int64s: { ints: known.map((_, at) => Math.min(at, categories.length)) },
        default_int64: { int: -1 },
      }),
      { op: 'Equal', inputs: [`${prefix}:place`, `${prefix}:places`], outputs: [`${prefix}:equal`] },
      { op: 'Cast', inputs: [`${prefix}:equal`], outputs: [`${prefix}:hot`], attributes: { to: { int: FLOAT } } },
    ],
  };
};

const lookUp = (
  input: string,
  output: string,
  keys: readonly string[],
  values: NonNullable<GraphNode['attributes']>,
): GraphNode => ({
  op: 'LabelEncoder',
  domain: ML_DOMAIN,
  inputs: [input],
  outputs: [output],
  attributes: { keys_strings: { strings: keys }, ...values },
});
