import type { ModelPromoted } from '#contracts';
import type { Tensor } from '#onnx';
import { writeRaw } from '../core/raw-tensors.js';
import type { WantedOutput } from './infer-request.js';

/** The body of an answer. `jsonLength` is set when binary tensors lie behind the JSON. */
export interface InferAnswer {
  body: string | Uint8Array;
  jsonLength?: number;
}

/**
 * Writes what the model answered as the protocol has it. The JSON is put together by hand: what is the same in every answer
 * of a version is written once, and numbers are joined without an object around them.
 */
export const writeInferAnswer = (
  promoted: ModelPromoted,
  id: string | undefined,
  wanted: readonly WantedOutput[],
  outputs: readonly Tensor[],
): InferAnswer => {
  const parts: Uint8Array[] = [];
  let json = headOf(promoted);
  if (id !== undefined) json += `"id":${JSON.stringify(id)},`;
  json += '"outputs":[';
  for (let at = 0; at < outputs.length; at++) {
    const tensor = outputs[at];
    if (at > 0) json += ',';
    json += `{"name":${quoted(tensor.name)},"datatype":"${tensor.datatype}","shape":[${tensor.shape.join(',')}],`;
    if (wanted[at].binary) {
      const bytes = writeRaw(tensor);
      parts.push(bytes);
      json += `"parameters":{"binary_data_size":${String(bytes.byteLength)}}}`;
    } else json += `"data":${valuesOf(tensor)}}`;
  }
  json += ']}';
  if (parts.length === 0) return { body: json };
  const head = Buffer.from(json);
  return { body: Buffer.concat([head, ...parts]), jsonLength: head.length };
};

const heads = new WeakMap<ModelPromoted, string>();

const headOf = (promoted: ModelPromoted): string => {
  let head = heads.get(promoted);
  if (head === undefined) {
    head = `{"model_name":${JSON.stringify(promoted.model)},"model_version":"${String(promoted.version)}",`;
    heads.set(promoted, head);
  }
  return head;
};

/** Names that need no escape are most names, and quoting them is cheaper than asking `JSON.stringify`. */
const quoted = (name: string): string => (/^[\w .:/()-]*$/.test(name) ? `"${name}"` : JSON.stringify(name));

/** The elements as a flat list. NaN and the infinities have no JSON form; they are null, which numpy reads as NaN. */
const valuesOf = ({ datatype, data }: Tensor): string => {
  if (Array.isArray(data)) return JSON.stringify(data);
  if (datatype === 'BOOL') return `[${Array.from(data as Uint8Array, (bit) => bit !== 0).join(',')}]`;
  if (datatype !== 'FP32' && datatype !== 'FP64') return `[${data.join(',')}]`;
  const floats = data as Float32Array | Float64Array;
  return floats.every(Number.isFinite) && !hasNegativeZero(floats)
    ? `[${floats.join(',')}]`
    : `[${Array.from(floats, writtenFloat).join(',')}]`;
};

/** `join` drops the sign of -0. Its bits are those of the lowest integer, which is found without a call for each element. */
const hasNegativeZero = ({
  buffer,
  byteOffset,
  length,
  BYTES_PER_ELEMENT: bytes,
}: Float32Array | Float64Array): boolean =>
  bytes === 4
    ? new Int32Array(buffer, byteOffset, length).includes(-(2 ** 31))
    : new BigInt64Array(buffer, byteOffset, length).includes(-(2n ** 63n));

const writtenFloat = (value: number): string => {
  if (!Number.isFinite(value)) return 'null';
  return Object.is(value, -0) ? '-0' : String(value);
};
