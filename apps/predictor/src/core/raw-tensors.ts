import type { Datatype } from '#contracts';
import { arrayOf, elementCount, type Tensor, type TensorData } from '#onnx';
import { PlatformError } from '#runtime';

const LENGTH_BYTES = 4;

/**
 * Reads a tensor's elements as the Open Inference Protocol sends them in binary: row-major, little-endian, each text of BYTES
 * behind its length (u32). The elements are copied: the bytes stay the caller's.
 * @param shape how many there must be
 * @throws PlatformError INPUT_INVALID naming the input
 */
export const readRaw = (
  { name, datatype, shape }: Pick<Tensor, 'name' | 'datatype' | 'shape'>,
  bytes: Uint8Array,
): TensorData => {
  const count = elementCount(shape);
  const array = arrayOf[datatype];
  if (array === null) return readTexts(name, bytes, count);
  const expected = count * array.BYTES_PER_ELEMENT;
  if (bytes.byteLength !== expected)
    throw invalid(
      name,
      `has ${String(bytes.byteLength)} bytes; ${datatype} of shape [${shape.join(', ')}] needs ${String(expected)}`,
    );
  // A view must begin at a multiple of its element's size, a part of a body need not. (`slice` of a Buffer is a view.)
  const copy = new Uint8Array(bytes);
  if (datatype === 'BOOL') for (let at = 0; at < count; at++) if (copy[at] > 1) copy[at] = 1;
  return new array(copy.buffer, copy.byteOffset, count) as TensorData;
};

const readTexts = (name: string, bytes: Uint8Array, count: number): string[] => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const texts: string[] = [];
  let at = 0;
  while (at < bytes.byteLength) {
    if (texts.length === count) throw invalid(name, `holds more than the ${String(count)} texts of its shape`);
    const begin = at + LENGTH_BYTES;
    const end = begin <= bytes.byteLength ? begin + view.getUint32(at, true) : Infinity;
    if (end > bytes.byteLength) throw invalid(name, `ends within text ${String(texts.length)}`);
    texts.push(readText(name, bytes.subarray(begin, end)));
    at = end;
  }
  if (texts.length < count)
    throw invalid(name, `holds ${String(texts.length)} texts; its shape needs ${String(count)}`);
  return texts;
};

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** One text of an input. @throws PlatformError INPUT_INVALID when it is no UTF-8 */
export const readText = (name: string, bytes: Uint8Array): string => {
  try {
    return utf8.decode(bytes);
  } catch {
    throw invalid(name, 'holds bytes that are not UTF-8; models take text');
  }
};

/** The same the other way round; a view of the tensor's own memory where there is one. */
export const writeRaw = ({ data }: Tensor): Uint8Array => {
  if (!Array.isArray(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const texts = data.map((text) => Buffer.from(text));
  const bytes = Buffer.alloc(texts.reduce((sum, text) => sum + LENGTH_BYTES + text.length, 0));
  let at = 0;
  for (const text of texts) {
    at = bytes.writeUInt32LE(text.length, at);
    at += text.copy(bytes, at);
  }
  return bytes;
};

/** Bytes of one element in binary; undefined for BYTES, which has no fixed size. */
export const elementBytes = (datatype: Datatype): number | undefined => arrayOf[datatype]?.BYTES_PER_ELEMENT;

const invalid = (name: string, what: string): PlatformError =>
  new PlatformError('INPUT_INVALID', `Input "${name}" ${what}.`);
