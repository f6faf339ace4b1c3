import { describe, expect, it } from 'vitest';
import type { ModelPromoted } from '#contracts';
import type { Tensor } from '#onnx';
import { readRaw } from '../core/raw-tensors.js';
import { writeInferAnswer } from './infer-answer.js';

const promoted = { model: 'a "quoted" name', version: 7 } as ModelPromoted;
const answer = (tensors: Tensor[], binary = tensors.map(() => false), id?: string) =>
  writeInferAnswer(
    promoted,
    id,
    tensors.map((spec, at) => ({ spec, binary: binary[at] })),
    tensors,
  );
const tensor = (datatype: Tensor['datatype'], data: Tensor['data']): Tensor => ({
  name: 'y "1"',
  datatype,
  shape: [data.length],
  data,
});

describe('an inference answer', () => {
  it.each<[Tensor, unknown[]]>([
    [tensor('BOOL', new Uint8Array([1, 0])), [true, false]],
    [tensor('INT8', new Int8Array([-1, 2])), [-1, 2]],
    [tensor('UINT32', new Uint32Array([4_294_967_295])), [4_294_967_295]],
    [tensor('FP32', new Float32Array([0.1, -0, 1e-40])), [Math.fround(0.1), -0, Math.fround(1e-40)]],
    [tensor('FP64', new Float64Array([0.1, 1e300])), [0.1, 1e300]],
    [tensor('FP64', new Float64Array([0, 1e300, -0])), [0, 1e300, -0]],
    [tensor('FP32', new Float32Array([1, -0]).subarray(1)), [-0]],
    [tensor('FP64', new Float64Array([NaN, -0, 0])), [null, -0, 0]],
    [tensor('FP32', new Float32Array([NaN, Infinity, 1])), [null, null, 1]],
    [tensor('BYTES', ['a', '"', 'ü\n']), ['a', '"', 'ü\n']],
    [tensor('FP32', new Float32Array()), []],
  ])('is JSON: $0.datatype', (given, data) => {
    const { body, jsonLength } = answer([given], undefined, '"7"');
    expect(jsonLength).toBeUndefined();
    expect(JSON.parse(body as string)).toEqual({
      model_name: 'a "quoted" name',
      model_version: '7',
      id: '"7"',
      outputs: [{ name: 'y "1"', datatype: given.datatype, shape: [data.length], data }],
    });
  });

  it('loses no digit', () => {
    expect(answer([tensor('INT64', new BigInt64Array([-(2n ** 63n), 3n]))]).body).toContain('[-9223372036854775808,3]');
    expect(answer([tensor('UINT64', new BigUint64Array([2n ** 64n - 1n]))]).body).toContain('[18446744073709551615]');
  });

  it('mixes JSON and binary, and tells how long each is', () => {
    const buffer = new Float32Array([9, 1.5, NaN, 9]);
    const tensors = [
      tensor('FP32', buffer.subarray(1, 3)),
      tensor('INT8', new Int8Array([5])),
      tensor('BYTES', ['hi', '']),
    ];
    const { body, jsonLength = 0 } = answer(tensors, [true, false, true]);
    const { outputs } = JSON.parse(Buffer.from(body).subarray(0, jsonLength).toString()) as { outputs: object[] };
    expect(outputs).toEqual([
      { name: 'y "1"', datatype: 'FP32', shape: [2], parameters: { binary_data_size: 8 } },
      { name: 'y "1"', datatype: 'INT8', shape: [1], data: [5] },
      { name: 'y "1"', datatype: 'BYTES', shape: [2], parameters: { binary_data_size: 10 } },
    ]);
    const parts = Buffer.from(body).subarray(jsonLength);
    expect(readRaw(tensors[0], parts.subarray(0, 8))).toEqual(new Float32Array([1.5, NaN]));
    expect(readRaw(tensors[2], parts.subarray(8))).toEqual(['hi', '']);
  });
});
