import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { describe, expect, it } from 'vitest';
import type { PlatformError } from '#runtime';
import { ML_DOMAIN, type Graph } from './graph.js';
import { externalFilesOf, inlineModel, type ModelPiece } from './inline-model.js';
import { limits } from './limits.js';
import { outlineModel } from './outline-model.js';
import { readModel } from './read-model.js';
import { openSession } from './runtime/open-session.js';
import { writeModel } from './write-model.js';

/** A message field by field; a number is a varint. */
type Fields = [number: number, value: number | string | Uint8Array | Fields][];
const proto = (fields: Fields): Uint8Array => {
  const writer = new BinaryWriter();
  for (const [number, value] of fields)
    if (typeof value === 'number') writer.tag(number, WireType.Varint).int64(value);
    else if (typeof value === 'string') writer.tag(number, WireType.LengthDelimited).string(value);
    else writer.tag(number, WireType.LengthDelimited).bytes(value instanceof Uint8Array ? value : proto(value));
  return writer.finish();
};
const value = (name: string, ...shape: (number | string)[]): Fields => {
  const dims: Fields = shape.map((size) => [1, [[typeof size === 'number' ? 1 : 2, size]]]);
  return [[1, name], [2, [[1, [[1, 1], [2, dims]]]]]]; // prettier-ignore
};
const entries = (given: Record<string, string>): Fields =>
  Object.entries(given).map(([key, text]): Fields[number] => [13, [[1, key], [2, text]]]); // prettier-ignore
/** A float tensor of 4 × 2 whose values lie elsewhere. */
const outside = (name: string, given: Record<string, string>, more: Fields = [[14, 1]]): Fields => [
  [1, 4],
  [1, 2],
  [2, 1],
  [8, name],
  ...entries(given),
  ...more,
];
const model = (...initializers: Fields[]): Uint8Array =>
  proto([
    [1, 8],
    [7, [
      [1, [[1, 'x'], [1, 'w'], [2, 'y'], [4, 'MatMul']]],
      [2, 'g'],
      ...initializers.map((fields): Fields[number] => [5, fields]),
      [11, value('x', 'n', 4)],
      [12, value('y', 'n', 2)],
    ]],
    [8, [[2, 15]]],
  ]); // prettier-ignore

/** Chunks of odd sizes, so that fields are cut everywhere. */
const chunksOf = async function* (bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size));
};
const write = (pieces: ModelPiece[], file: Uint8Array, beside: Record<string, Uint8Array>): Uint8Array =>
  Buffer.concat(
    pieces.map((piece) =>
      piece instanceof Uint8Array
        ? piece
        : (piece.file === null ? file : beside[piece.file]).subarray(piece.start, piece.start + piece.length),
    ),
  );
const inline = async (bytes: Uint8Array, beside: Record<string, Uint8Array>, chunk = 7): Promise<Uint8Array> => {
  const outline = await outlineModel(chunksOf(bytes, chunk));
  const sizes = new Map(
    externalFilesOf(outline).flatMap((file) => (file in beside ? [[file, beside[file].length]] : [])),
  );
  const { pieces, sizeBytes } = inlineModel(outline, sizes);
  const whole = write(pieces, bytes, beside);
  expect(whole.length).toBe(sizeBytes);
  return whole;
};
const refusal = async (work: Promise<unknown>): Promise<string> => {
  const error = (await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )) as PlatformError | undefined;
  expect(error?.code).toBe('MODEL_FILE_INVALID');
  return error?.detail ?? '';
};
const floats = (...numbers: number[]): Uint8Array => new Uint8Array(Float32Array.from(numbers).buffer);

const large: Graph = {
  name: 'large',
  inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 100] }],
  outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 100] }],
  initializers: [{ name: 'w', shape: [100, 100], data: new Float32Array(10_000).fill(0.5) }],
  nodes: [
    { op: 'MatMul', inputs: ['x', 'w'], outputs: ['h'] },
    {
      op: 'LabelEncoder',
      domain: ML_DOMAIN,
      inputs: ['h'],
      outputs: ['y'],
      attributes: {
        keys_floats: { floats: new Float32Array(5000) },
        values_strings: { strings: Array.from({ length: 3000 }, (_, at) => `class ${String(at)}`) },
      },
    },
  ],
};

describe('an outline', () => {
  it.each([1, 7, 4096, 1_000_000])('says what the whole file says, in chunks of %i', async (chunk) => {
    const bytes = writeModel(large);
    const outline = await outlineModel(chunksOf(bytes, chunk));
    expect(outline.summary).toEqual(readModel(bytes));
    expect(outline.sizeBytes).toBe(bytes.length);
    expect(externalFilesOf(outline)).toEqual([]);
    expect(Buffer.from(write(inlineModel(outline, new Map()).pieces, bytes, {})).equals(bytes)).toBe(true);
  });

  it('keeps the graph and not the weights', async () => {
    const outline = await outlineModel(chunksOf(writeModel(large), 1000));
    expect(JSON.stringify(outline.tree).length).toBeLessThan(20_000);
  });

  it('keeps no table either that is written value by value', async () => {
    const table = Array.from({ length: 50_000 }, (_, at): Fields[number] => [8, at]);
    const node: Fields = [[1, 'x'], [2, 'y'], [4, 'Foo'], [5, [[1, 'ids'], ...table, [20, 7]]]]; // prettier-ignore
    const bytes = proto([[1, 8], [7, [[1, node], [11, value('x', 2)], [12, value('y', 2)]]]]); // prettier-ignore
    for (const chunk of [100, 65_536]) {
      const outline = await outlineModel(chunksOf(bytes, chunk), { ...limits, outlineBytes: 10_000 });
      expect(outline.summary).toEqual(readModel(bytes));
      expect(Buffer.from(write(inlineModel(outline, new Map()).pieces, bytes, {})).equals(bytes)).toBe(true);
    }
  });

  it('is refused beyond the limits, cut off, or of something else', async () => {
    const bytes = writeModel(large);
    const outlined = (given: Uint8Array, over = {}) => outlineModel(chunksOf(given, 1000), { ...limits, ...over });
    expect(await refusal(outlined(bytes, { sizeBytes: 1000 }))).toContain('more than 1000');
    expect(await refusal(outlined(bytes, { outlineBytes: 100 }))).toContain('without its weights');
    expect(await refusal(outlined(bytes, { nodes: 1 }))).toContain('operators');
    for (const length of [0, 1, 50, 20_000, bytes.length - 1]) await refusal(outlined(bytes.subarray(0, length)));
    await refusal(outlined(new TextEncoder().encode('<!doctype html>'.repeat(1000))));
    // A file that claims to hold more than there is does not make us wait or allocate.
    await refusal(outlined(Uint8Array.from([0x3a, 0xff, 0xff, 0xff, 0xff, 0x0f, 1, 2])));
  });

  it('passes on what the stream throws', async () => {
    const broken = (async function* () {
      yield await Promise.resolve(writeModel(large).subarray(0, 100));
      throw new Error('the store is away');
    })();
    await expect(outlineModel(broken)).rejects.toThrow('the store is away');
  });
});

describe('a model whose weights lie in other files', () => {
  const weights = floats(9, 9, 1, 2, 3, 4, 5, 6, 7, 8);

  it.each([1, 7, 100_000])('becomes one file that runs, in chunks of %i', async (chunk) => {
    const bytes = model(outside('w', { location: 'weights/w.bin', offset: '8', length: '32' }));
    const whole = await inline(bytes, { 'weights/w.bin': weights }, chunk);
    expect(readModel(whole).externalData).toBe(false);
    const session = await openSession(whole);
    const [{ data }] = await session.run([
      { name: 'x', datatype: 'FP32', shape: [1, 4], data: Float32Array.from([1, 1, 1, 1]) },
    ]);
    expect([...(data as Float32Array)]).toEqual([16, 20]);
    await session.release();
  });

  it('takes the size from the shape, several tensors, tied ones and those in constants', async () => {
    const constant: Fields = [[2, 'c'], [4, 'Constant'], [5, [[1, 'value'], [5, outside('', { location: 'a' })], [20, 4]]]]; // prettier-ignore
    const tensors = [outside('w', { location: 'a' }), outside('v', { location: 'a' }), outside('u', { location: 'b' })];
    const bytes = proto([
      [1, 8],
      [7, [
        [1, constant],
        ...tensors.map((fields): Fields[number] => [5, fields]),
        [12, value('y', 2)],
      ]],
    ]); // prettier-ignore
    const whole = await inline(bytes, { a: weights, b: weights });
    expect(readModel(whole)).toMatchObject({ externalData: false, nodeCount: 1 });
    expect(whole.length).toBeGreaterThan(4 * 32);
  });

  const refused: [string, Fields, RegExp][] = [
    ['a way up', outside('w', { location: '../w' }), /no plain path/],
    ['a way up within', outside('w', { location: 'a/../../w' }), /no plain path/],
    ['an absolute path', outside('w', { location: '/etc/passwd' }), /not relative/],
    ['a drive', outside('w', { location: 'C:/w' }), /not relative/],
    ['a URL', outside('w', { location: 'file:w' }), /not relative/],
    ['a backslash', outside('w', { location: '..\\w' }), /characters/],
    ['a NUL', outside('w', { location: 'w\u0000' }), /characters/],
    ['dots in another spelling', outside('w', { location: '%2e%2e/w' }), /encoded/],
    ['no name', outside('w', { location: '' }), /empty/],
    ['no file', outside('w', { offset: '0' }), /names no file/],
    ['a file that is missing', outside('w', { location: 'none' }), /none.*is missing/],
    ['an offset beyond the file', outside('w', { location: 'w', offset: '16' }), /end at byte 48 of w, which has 40/],
    ['an absurd offset', outside('w', { location: 'w', offset: '99999999999999999999' }), /offset/],
    ['a negative offset', outside('w', { location: 'w', offset: '-1' }), /offset/],
    ['a length that is not the shape', outside('w', { location: 'w', length: '40' }), /shape needs 32/],
    ['two locations', outside('w', { location: 'w' }, [...entries({ location: 'v' }), [14, 1]]), /"location" twice/],
    ['no data location', outside('w', { location: 'w' }, []), /data location/],
    ['values of its own', outside('w', { location: 'w' }, [[14, 1], [9, weights]]), /beside values/], // prettier-ignore
    ['strings', [[1, 1], [2, 8], [8, 'w'], ...entries({ location: 'w' }), [14, 1]], /no fixed size/], // prettier-ignore
    ['a shape beyond numbers', [[1, 2 ** 40], [1, 2 ** 40], [2, 1], [8, 'w'], ...entries({ location: 'w' }), [14, 1]], /no shape/], // prettier-ignore
  ];
  it.each(refused)('is refused for %s', async (_, tensor, reason) => {
    expect(await refusal(inline(model(tensor), { w: weights, v: weights }))).toMatch(reason);
  });

  it('is refused when stretches overlap or all is more than protobuf holds', async () => {
    const overlapping = model(outside('w', { location: 'w' }), outside('v', { location: 'w', offset: '4' }));
    expect(await refusal(inline(overlapping, { w: weights }))).toMatch(/overlap at byte 4 of w/);
    const bomb = model(...Array.from({ length: 50 }, (_, at) => outside(`w${String(at)}`, { location: 'w' })));
    const outline = await outlineModel(chunksOf(bomb, 100));
    const small = { ...limits, sizeBytes: 2000 };
    expect(() => inlineModel(outline, new Map([['w', 40]]), small)).toThrow(/more than 2000/);
  });
});
