import { describe, expect, it } from 'vitest';
import type { TensorSpec } from '#contracts';
import { jsonLengthOf, readInferRequest, type InferRequest, type ModelTensors } from './infer-request.js';

const x: TensorSpec = { name: 'x', datatype: 'FP32', shape: [-1, 2] };
const n: TensorSpec = { name: 'n', datatype: 'INT64', shape: [-1] };
const label: TensorSpec = { name: 'label', datatype: 'INT64', shape: [-1] };
const score: TensorSpec = { name: 'score', datatype: 'FP32', shape: [-1] };
const model: ModelTensors = { inputs: [x, n], outputs: [label, score] };

const xs = { name: 'x', datatype: 'FP32', shape: [1, 2], data: [1, 2] };
const ns = { name: 'n', datatype: 'INT64', shape: [1], data: [3] };
const both = [xs, ns];

/** JSON, and behind it what is sent in binary. */
const read = (request: unknown, parts: Uint8Array[] = [], of = model): InferRequest => {
  const json = Buffer.from(typeof request === 'string' ? request : JSON.stringify(request));
  return readInferRequest(Buffer.concat([json, ...parts]), parts.length > 0 ? json.length : undefined, of);
};
const float = (...values: number[]) => new Uint8Array(new Float32Array(values).buffer);
const inBinary = (spec: TensorSpec, shape: number[], size: unknown) => ({
  name: spec.name,
  datatype: spec.datatype,
  shape,
  parameters: { binary_data_size: size },
});

describe('an inference request', () => {
  it('gives tensors and all outputs', () => {
    expect(read({ id: 'a', inputs: both, parameters: { priority: 1 } })).toEqual({
      id: 'a',
      inputs: [
        { name: 'x', datatype: 'FP32', shape: [1, 2], data: new Float32Array([1, 2]) },
        { name: 'n', datatype: 'INT64', shape: [1], data: new BigInt64Array([3n]) },
      ],
      outputs: [
        { spec: label, binary: false },
        { spec: score, binary: false },
      ],
    });
    expect(read({ inputs: both, outputs: [] }).outputs).toHaveLength(2);
  });

  it('gives an output once that is asked for very often', () => {
    const often = (name: string) => Array.from({ length: 300_000 }, () => ({ name }));
    expect(read({ inputs: both, outputs: [...often('score'), ...often('label')] }).outputs).toEqual([
      { spec: score, binary: false },
      { spec: label, binary: false },
    ]);
  });

  it('keeps the digits of long integers beside fractions as long', () => {
    const text = JSON.stringify({ inputs: both }).replace('[1,2],', '[1,2],').replace('[3]', '[9007199254740993]');
    expect(read(text).inputs[1].data).toEqual(new BigInt64Array([9_007_199_254_740_993n]));
    const floats = JSON.stringify({ inputs: [{ ...xs, data: [0.10000000149011612, 12345678901234567890] }, ns] });
    expect(read(floats).inputs[0].data).toEqual(new Float32Array([0.10000000149011612, 12345678901234567890]));
  });

  it('does not count out integers that no type holds', () => {
    const text = JSON.stringify({ inputs: both }).replace('[3]', `[${'1'.repeat(1_000_000)}]`);
    expect(() => read(text)).toThrow(/Input "n", element \[0\], must be a whole number/);
  });

  it('takes binary tensors and JSON in one request, in the order of the inputs', () => {
    const { inputs } = read({ inputs: [inBinary(x, [2, 2], 16), { ...ns, shape: [2], data: [3, 4] }] }, [
      float(1, 2, 3, 4),
    ]);
    expect(inputs[0].data).toEqual(new Float32Array([1, 2, 3, 4]));
    expect(inputs[1].data).toEqual(new BigInt64Array([3n, 4n]));
    const swapped = read({ inputs: [inBinary(n, [1], 8), inBinary(x, [1, 2], 8)] }, [
      new Uint8Array([7, 0, 0, 0, 0, 0, 0, 0]),
      float(5, 6),
    ]);
    expect(swapped.inputs.map(({ data }) => data)).toEqual([new BigInt64Array([7n]), new Float32Array([5, 6])]);
  });

  it('asks for outputs in binary: what the output says wins over what the request says', () => {
    const parameters = { binary_data_output: true };
    expect(read({ inputs: both, parameters }).outputs.map(({ binary }) => binary)).toEqual([true, true]);
    const outputs = [{ name: 'score', parameters: { binary_data: false } }, { name: 'label' }, { name: 'score' }];
    expect(read({ inputs: both, parameters, outputs }).outputs).toEqual([
      { spec: score, binary: false },
      { spec: label, binary: true },
    ]);
  });

  it.each<[string, unknown, string]>([
    ['a body that is no object', [], 'the body must be an object'],
    ['no inputs', {}, '"inputs" must be a list of at least one tensor'],
    ['inputs that are no list', { inputs: { x: 1 } }, '"inputs" must be a list'],
    ['an input that is no object', { inputs: [1] }, 'the input must be an object'],
    ['an input without a name', { inputs: [{ ...xs, name: 1 }] }, 'the "name" of an input must be a string'],
    ['an unknown input', { inputs: [{ ...xs, name: 'z' }] }, 'Input "z" is unknown; the model takes "x", "n".'],
    ['an input given twice', { inputs: [xs, xs] }, 'Input "x" is given twice.'],
    ['a missing input', { inputs: [xs] }, 'Input "n" is missing.'],
    ['an unknown datatype', { inputs: [{ ...xs, datatype: 'FP8' }] }, 'Input "x" is FP8; the model takes FP32.'],
    ['no datatype', { inputs: [{ ...xs, datatype: undefined }] }, 'Input "x" needs its "datatype"'],
    ['no shape', { inputs: [{ ...xs, shape: undefined }] }, 'The "shape" of input "x" must be a list'],
    ['a negative size', { inputs: [{ ...xs, shape: [-1, 2] }] }, 'The "shape" of input "x" must be a list'],
    ['a size of 2^63', { inputs: [{ ...xs, shape: [2 ** 63, 2] }] }, 'The "shape" of input "x" must be a list'],
    ['another rank', { inputs: [{ ...xs, shape: [2] }] }, 'has shape [2]; the model takes [-1,2]'],
    ['no data', { inputs: [{ ...xs, data: undefined }] }, 'Input "x" has no "data".'],
    ['data that are no list', { inputs: [{ ...xs, data: 1 }] }, 'The "data" of input "x" must be a list.'],
    ['an id that is no string', { id: 7, inputs: both }, '"id" must be a string'],
    ['a parameter that is a list', { inputs: both, parameters: { a: [] } }, 'parameter "a" must be a string'],
    ['parameters that are none', { inputs: both, parameters: 1 }, 'the value of "parameters" must be an object'],
    ['a flag that is none', { inputs: both, parameters: { binary_data_output: 1 } }, 'must be true or false'],
    ['outputs that are no list', { inputs: both, outputs: {} }, '"outputs" must be a list'],
    ['an output without a name', { inputs: both, outputs: [{}] }, 'the "name" of an output must be a string'],
    ['an unknown output', { inputs: both, outputs: [{ name: 'z' }] }, 'Output "z" is unknown; the model has "label"'],
    [
      'classes',
      { inputs: both, outputs: [{ name: 'score', parameters: { classification: 1 } }] },
      'this server answers tensors',
    ],
    [
      'shared memory',
      { inputs: [{ ...xs, parameters: { shared_memory_region: 'r' } }] },
      'lies in shared memory, which this server does not read',
    ],
    [
      'binary data without the header',
      { inputs: [inBinary(x, [1, 2], 8), ns] },
      'no header Inference-Header-Content-Length',
    ],
    ['JSON that ends too soon', '{"inputs": [{"name"', 'The body is not JSON'],
    ['NaN', '{"inputs": [{"name": "x", "data": [NaN]}]}', 'JSON has no NaN and no infinity'],
    ['nothing', '', 'The body is empty; send JSON.'],
    ['brackets without end', '['.repeat(200_000), 'The body is not JSON'],
    ['brackets in brackets', '['.repeat(200_000) + ']'.repeat(200_000), 'the body must be an object'],
    [
      'data of brackets in brackets',
      `{"inputs":[{"name":"n","datatype":"INT64","shape":[1],"data":${'['.repeat(50_000)}12345678901234567${']'.repeat(50_000)}}]}`,
      '',
    ],
  ])('is refused: %s', (_, request, detail) => {
    expect(() => read(request)).toThrow(
      expect.objectContaining({ code: 'INPUT_INVALID', message: expect.stringContaining(detail) as string }),
    );
  });

  it.each<[string, unknown, Uint8Array, string]>([
    [
      'too long a part',
      { inputs: [inBinary(x, [1, 2], 16), ns] },
      float(1, 2),
      'has 16 bytes in binary; only 8 were sent',
    ],
    [
      'too short a part',
      { inputs: [inBinary(x, [1, 2], 4), ns] },
      float(1, 2),
      'has 4 bytes; FP32 of shape [1, 2] needs 8',
    ],
    ['bytes left', { inputs: both }, float(1), '4 bytes are left behind the last binary input'],
    ['a negative part', { inputs: [inBinary(x, [1, 2], -8), ns] }, float(1, 2), 'must be a number of bytes'],
    ['a part of 2^63', { inputs: [inBinary(x, [1, 2], 2 ** 63), ns] }, float(1, 2), 'must be a number of bytes'],
    ['a part as text', { inputs: [inBinary(x, [1, 2], '8'), ns] }, float(1, 2), 'must be a number of bytes'],
    ['data twice', { inputs: [{ ...inBinary(x, [1, 2], 8), data: [1, 2] }, ns] }, float(1, 2), 'send one of them'],
  ])('is refused in binary: %s', (_, request, part, detail) => {
    expect(() => read(request, [part])).toThrow(
      expect.objectContaining({ code: 'INPUT_INVALID', message: expect.stringContaining(detail) as string }),
    );
  });

  it('takes a body without JSON for a model of one input', () => {
    const raw = (body: Uint8Array, of: ModelTensors) => readInferRequest(body, 0, of);
    const one = { inputs: [x], outputs: [label] };
    expect(raw(float(1, 2, 3, 4), one)).toEqual({
      id: undefined,
      inputs: [{ name: 'x', datatype: 'FP32', shape: [2, 2], data: new Float32Array([1, 2, 3, 4]) }],
      outputs: [{ spec: label, binary: true }],
    });
    expect(() => raw(float(1, 2, 3), one)).toThrow('no whole number of rows');
    expect(() => raw(float(1, 2), model)).toThrow('models of one input');
    expect(() => raw(float(1, 2), { ...one, inputs: [{ ...x, shape: [-1, -1] }] })).toThrow('one free dimension');
  });

  it('refuses half floats in JSON before anything is run', () => {
    const half: ModelTensors = { inputs: [x], outputs: [{ ...score, datatype: 'FP16' }] };
    expect(() => read({ inputs: [xs] }, [], half)).toThrow('Output "score" is FP16, which has no JSON form');
    expect(read({ inputs: [xs], parameters: { binary_data_output: true } }, [], half).outputs).toHaveLength(1);
  });

  it('reads the length of the JSON, and believes nothing else', () => {
    expect(jsonLengthOf(undefined)).toBeUndefined();
    expect(jsonLengthOf('17')).toBe(17);
    for (const header of ['-1', '1e3', 'x', '', '99999999999999999999']) expect(() => jsonLengthOf(header)).toThrow();
    expect(() => readInferRequest(new Uint8Array(4), 5, model)).toThrow('the whole body has 4 bytes');
  });
});
