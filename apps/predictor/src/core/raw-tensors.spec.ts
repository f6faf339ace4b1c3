import { describe, expect, it } from 'vitest';
import type { Datatype } from '#contracts';
import type { Tensor } from '#onnx';
import { readRaw, writeRaw } from './raw-tensors.js';

const tensors: Tensor[] = [
  { name: 'x', datatype: 'BOOL', shape: [2], data: new Uint8Array([0, 1]) },
  { name: 'x', datatype: 'INT8', shape: [2], data: new Int8Array([-128, 127]) },
  { name: 'x', datatype: 'UINT16', shape: [2], data: new Uint16Array([1, 65_535]) },
  { name: 'x', datatype: 'FP16', shape: [1], data: new Uint16Array([0x3c00]) },
  { name: 'x', datatype: 'INT64', shape: [1, 2], data: new BigInt64Array([-(2n ** 63n), 2n ** 53n + 1n]) },
  { name: 'x', datatype: 'UINT64', shape: [1], data: new BigUint64Array([2n ** 64n - 1n]) },
  { name: 'x', datatype: 'FP32', shape: [2], data: new Float32Array([1.5, NaN]) },
  { name: 'x', datatype: 'FP64', shape: [2], data: new Float64Array([-0, Infinity]) },
  { name: 'x', datatype: 'BYTES', shape: [3], data: ['', 'grün', '\ufeffa'] },
  { name: 'x', datatype: 'FP32', shape: [0, 4], data: new Float32Array(0) },
];

describe('a tensor in binary', () => {
  it.each(tensors)('comes back as it went: $datatype', (tensor) => {
    const sent = writeRaw(tensor);
    // A part of a body begins anywhere.
    const body = new Uint8Array(sent.length + 3);
    body.set(sent, 3);
    const read = readRaw(tensor, body.subarray(3));
    expect(read).toEqual(tensor.data);
    expect(readRaw(tensor, Buffer.from(body.buffer, 3))).toEqual(tensor.data);
    expect(read).not.toBe(tensor.data);
    const buffer = Buffer.from(body);
    const copied = readRaw(tensor, buffer.subarray(3));
    buffer.fill(0);
    expect(copied).toEqual(tensor.data);
  });

  it('is little-endian, texts behind their lengths', () => {
    expect([...writeRaw({ name: 'x', datatype: 'INT16', shape: [1], data: new Int16Array([258]) })]).toEqual([2, 1]);
    expect([...writeRaw({ name: 'x', datatype: 'BYTES', shape: [1], data: ['hi'] })]).toEqual([2, 0, 0, 0, 104, 105]);
  });

  it.each<[string, Datatype, number[], number[], string]>([
    ['too few bytes', 'FP32', [2], [1, 2, 3, 4], 'Input "x" has 4 bytes; FP32 of shape [2] needs 8.'],
    ['too many bytes', 'INT8', [1], [1, 2], 'Input "x" has 2 bytes; INT8 of shape [1] needs 1.'],
    ['a text cut short', 'BYTES', [1], [5, 0, 0, 0, 65], 'Input "x" ends within text 0.'],
    ['a length cut short', 'BYTES', [1], [1, 0], 'Input "x" ends within text 0.'],
    ['a text too many', 'BYTES', [1], [0, 0, 0, 0, 0, 0, 0, 0], 'Input "x" holds more than the 1 texts of its shape.'],
    ['a text too few', 'BYTES', [2], [0, 0, 0, 0], 'Input "x" holds 1 texts; its shape needs 2.'],
    ['no UTF-8', 'BYTES', [1], [1, 0, 0, 0, 255], 'Input "x" holds bytes that are not UTF-8; models take text.'],
  ])('is refused: %s', (_, datatype, shape, bytes, detail) => {
    expect(() => readRaw({ name: 'x', datatype, shape }, new Uint8Array(bytes))).toThrow(
      expect.objectContaining({ code: 'INPUT_INVALID', message: expect.stringContaining(detail) as string }),
    );
  });

  it('takes every byte but 0 for true', () => {
    expect(readRaw({ name: 'x', datatype: 'BOOL', shape: [3] }, new Uint8Array([0, 1, 255]))).toEqual(
      new Uint8Array([0, 1, 1]),
    );
  });
});
