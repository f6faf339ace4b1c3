import { describe, expect, it } from 'vitest';
import type { Datatype } from '#contracts';
import { readJsonTensor } from './json-tensor.js';

const read = (datatype: Datatype, shape: number[], data: unknown[]) =>
  readJsonTensor({ name: 'x', datatype, shape }, data);

describe('a tensor in JSON', () => {
  it.each<[Datatype, unknown[], ArrayLike<unknown>]>([
    ['BOOL', [true, false], new Uint8Array([1, 0])],
    ['INT8', [-128, 127], new Int8Array([-128, 127])],
    ['INT16', [-32_768, 32_767], new Int16Array([-32_768, 32_767])],
    ['INT32', [-2_147_483_648, 2_147_483_647], new Int32Array([-2_147_483_648, 2_147_483_647])],
    ['INT64', [-9_007_199_254_740_991, 2n ** 63n - 1n], new BigInt64Array([-9_007_199_254_740_991n, 2n ** 63n - 1n])],
    ['UINT8', [0, 255], new Uint8Array([0, 255])],
    ['UINT16', [0, 65_535], new Uint16Array([0, 65_535])],
    ['UINT32', [0, 4_294_967_295], new Uint32Array([0, 4_294_967_295])],
    ['UINT64', [0, 2n ** 64n - 1n], new BigUint64Array([0n, 2n ** 64n - 1n])],
    ['FP32', [0.1, -1e-50], new Float32Array([0.1, -1e-50])],
    ['FP64', [0.1, 1e300], new Float64Array([0.1, 1e300])],
    ['BYTES', ['a', ''], ['a', '']],
  ])('holds %s, flat and nested', (datatype, data, elements) => {
    expect(read(datatype, [2], data)).toEqual(elements);
    expect(read(datatype, [2, 1], [[data[0]], [data[1]]])).toEqual(elements);
    expect(read(datatype, [1, 1, 2], [[data]])).toEqual(elements);
    expect(read(datatype, [1, 2], data)).toEqual(elements);
    expect(read(datatype, [0, 2], [])).toHaveLength(0);
  });

  it.each<[Datatype, unknown, string]>([
    ['BOOL', 1, 'true or false'],
    ['INT8', 128, 'within the range of INT8'],
    ['INT8', 1.5, 'a whole number (INT8)'],
    ['INT32', 2 ** 31, 'within the range of INT32'],
    ['INT32', '1', 'a number'],
    ['INT64', 2 ** 63, 'a whole number (INT64)'],
    ['INT64', 2n ** 63n, 'within the range of INT64'],
    ['INT64', true, 'a number'],
    ['UINT8', -1, 'within the range of UINT8'],
    ['UINT64', -1, 'within the range of UINT64'],
    ['UINT64', 2n ** 64n, 'within the range of UINT64'],
    ['FP16', 1, 'sent in binary: FP16 has no JSON form'],
    ['FP32', 1e300, 'within the range of FP32'],
    ['FP32', null, 'a number'],
    ['FP64', Infinity, 'a finite number'],
    ['BYTES', 1, 'a string'],
  ])('refuses in %s: %s', (datatype, value, fault) => {
    expect(() => read(datatype, [1, 1], [value])).toThrow(`Input "x", element [0, 0], must be ${fault}.`);
  });

  it.each<[string, number[], unknown[], string]>([
    ['too few values', [2, 2], [1, 2, 3], 'has 3 values; shape [2, 2] needs 4'],
    ['too few rows', [2, 2], [[1, 2]], 'has 1 values where axis 0 of its shape has 2'],
    ['ragged rows', [2, 2], [[1, 2], [3]], 'has 1 values where axis 1 of its shape has 2'],
    ['a row that is none', [2, 2], [[1, 2], 3], 'nested in some places and not in others'],
    ['a value that is a row', [2], [1, [2]], 'nested deeper than its shape [2], or in some places only'],
    ['too deep a nesting', [1, 1], [[[1]]], 'nested deeper than its shape [1, 1]'],
    ['a shape for which no memory would do', [1e15], [1], 'has 1 values; shape [1000000000000000] needs'],
  ])('refuses %s', (_, shape, data, detail) => {
    expect(() => read('FP32', shape, data)).toThrow(detail);
  });

  it('names the element in a nested one', () => {
    expect(() =>
      read(
        'FP32',
        [2, 2, 1],
        [
          [[1], [2]],
          [[3], ['4']],
        ],
      ),
    ).toThrow('element [1, 1, 0], must be a number');
  });
});
