import { limits } from './limits.js';
import { eachField } from './proto-message.js';
import { readValueInfo } from './value-info.js';

/** A constant: its rank where it is known, and its values when they are a few whole numbers, such as axes and shapes. */
export interface Constant {
  readonly rank?: number;
  readonly integers?: readonly number[];
}

/** An operator of a graph, with what decides which axes it mixes. */
export interface Operator {
  /** `domain:op`; the domain of ONNX's own operators is empty. */
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Attributes that are whole numbers, few enough to be axes, permutations and the like. */
  readonly integers: ReadonlyMap<string, readonly number[]>;
  /** The value of a `Constant`. */
  readonly constant?: Constant;
  /** It runs a graph of its own: a loop or a branch. */
  readonly hasBody: boolean;
}

/** The outer graph of a model. */
export interface OperatorList {
  /** Rank by name; undefined where the graph does not tell it. */
  readonly inputs: ReadonlyMap<string, number | undefined>;
  readonly outputs: readonly string[];
  readonly constants: ReadonlyMap<string, Constant>;
  /** Each after those whose outputs it takes, as ONNX orders them. */
  readonly operators: readonly Operator[];
  /** Operators are defined in the file itself. */
  readonly hasFunctions: boolean;
}

/** Longer than any list of axes; the tables of trees are not worth the reading. */
const MOST_BYTES = 1_024;

/**
 * The operators of a model that `readModel` has found to be one. Weights and tables are passed over.
 * @throws RangeError or Error when the bytes are not a protobuf message.
 */
export const readOperators = (bytes: Uint8Array): OperatorList => {
  const found = {
    inputs: new Map<string, number | undefined>(),
    outputs: [] as string[],
    constants: new Map<string, Constant>(),
    operators: [] as Operator[],
    hasFunctions: false,
  };
  const readGraph = (graph: Uint8Array): void => {
    eachField(graph, [1, 5, 11, 12, 15], (field) => {
      if (field.number === 1) found.operators.push(readOperator(field.bytes()));
      else if (field.number === 5) {
        const { name, ...constant } = readConstant(field.bytes());
        found.constants.set(name, constant);
      } else if (field.number === 15) found.constants.set(sparseName(field.bytes()), {});
      else {
        const value = readValueInfo(field.bytes(), limits);
        if (field.number === 12) found.outputs.push(value.name);
        else found.inputs.set(value.name, value.kind === 'tensor' ? value.shape?.length : undefined);
      }
    });
  };
  eachField(bytes, [7, 25], (field) => {
    if (field.number === 7) readGraph(field.bytes());
    else found.hasFunctions = true;
  });
  return found;
};

const readOperator = (bytes: Uint8Array): Operator => {
  const [inputs, outputs]: [string[], string[]] = [[], []];
  const integers = new Map<string, readonly number[]>();
  let [op, domain, hasBody] = ['', '', false];
  let constant: Constant | undefined;
  eachField(bytes, [1, 2, 4, 5, 7], (field) => {
    if (field.number === 1) inputs.push(field.text());
    else if (field.number === 2) outputs.push(field.text());
    else if (field.number === 4) op = field.text();
    else if (field.number === 7) domain = field.text();
    else {
      const attribute = readAttribute(field.bytes());
      integers.set(attribute.name, attribute.integers);
      hasBody ||= attribute.hasBody;
      constant ??= attribute.constant;
    }
  });
  const name = `${domain === 'ai.onnx' ? '' : domain}:${op}`;
  return { name, inputs, outputs, integers, constant, hasBody };
};

interface AttributeFound {
  name: string;
  integers: number[];
  hasBody: boolean;
  constant?: Constant;
}

const readAttribute = (bytes: Uint8Array): AttributeFound => {
  const found: AttributeFound = { name: '', integers: [], hasBody: false };
  const small = bytes.length <= MOST_BYTES;
  eachField(bytes, small ? [1, 3, 5, 6, 8, 11] : [1, 5, 6, 11], (field) => {
    if (field.number === 1) found.name = field.text();
    else if (field.number === 3 || field.number === 8) found.integers.push(...field.integers());
    else if (field.number === 5) found.constant = withoutName(readConstant(field.bytes()));
    else if (field.number === 6 || field.number === 11) found.hasBody = true;
  });
  return found.constant === undefined ? { ...found, constant: plainConstant(found) } : found;
};

/** `Constant` may hold a number or a list of them in place of a tensor. */
const plainConstant = ({ name, integers }: AttributeFound): Constant | undefined => {
  if (!name.startsWith('value_')) return undefined;
  const rank = name.endsWith('s') && name !== 'value_s' ? 1 : 0;
  return name.startsWith('value_int') ? { rank, integers } : { rank };
};

const withoutName = ({ rank, integers }: Constant): Constant => ({ rank, integers });

const readConstant = (bytes: Uint8Array): Constant & { name: string } => {
  let [name, elementType] = ['', 0];
  const shape: number[] = [];
  let integers: number[] = [];
  const small = bytes.length <= MOST_BYTES;
  eachField(bytes, small ? [1, 2, 5, 7, 8, 9] : [1, 8], (field) => {
    if (field.number === 1) shape.push(...field.integers());
    else if (field.number === 2) elementType = field.integer();
    else if (field.number === 8) name = field.text();
    else if (field.number === 9) integers = rawIntegers(field.bytes(), elementType);
    else integers.push(...field.integers());
  });
  const isWhole = integers.length === shape.reduce((elements, size) => elements * size, 1);
  return { name, rank: shape.length, integers: isWhole && isInteger(elementType) ? integers : undefined };
};

const [INT32, INT64] = [6, 7];
const isInteger = (elementType: number): boolean => elementType === INT32 || elementType === INT64;

const rawIntegers = (bytes: Uint8Array, elementType: number): number[] => {
  const size = elementType === INT64 ? 8 : 4;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: Math.floor(bytes.byteLength / size) }, (_, at) =>
    size === 8 ? Number(view.getBigInt64(at * size, true)) : view.getInt32(at * size, true),
  );
};

const sparseName = (bytes: Uint8Array): string => {
  let name = '';
  eachField(bytes, [1], (field) => {
    name = readConstant(field.bytes()).name;
  });
  return name;
};
