import { describe, expect, it } from 'vitest';
import type { Tensor } from '#onnx';
import { openSession } from '#onnx/runtime';
import type { FittedModel } from '../learning/learner.js';
import { assembleModel } from './assemble-model.js';
import type { Column } from './column.js';
import { encodeRows, fitEncoder } from './encoder.js';
import { modelInput } from './model-input.js';

const number = (name: string, ...values: number[]): Column => ({
  kind: 'number',
  name,
  values: Float32Array.from(values),
});
const category = (name: string, ...cells: string[]): Column => {
  const categories = [...new Set(cells.filter((cell) => cell !== ''))];
  return { kind: 'category', name, categories, codes: Int32Array.from(cells, (cell) => categories.indexOf(cell)) };
};
const all = (count: number): Int32Array => Int32Array.from({ length: count }, (_, row) => row);

/** A "model" whose one score of each row is one of its features. */
const showing = (feature: number, featureCount: number): FittedModel => ({
  kind: 'regressor',
  predict: (rows) =>
    Float64Array.from({ length: rows.length / featureCount }, (_, row) => rows[row * featureCount + feature]),
  graph: (features) => ({
    initializers: [{ name: 'which', shape: [1], data: BigInt64Array.of(BigInt(feature)) }],
    nodes: [{ op: 'Gather', inputs: [features, 'which'], outputs: ['chosen'], attributes: { axis: { int: 1 } } }],
    scores: 'chosen',
  }),
  facts: {},
});

/** What the exported graph makes of rows, feature by feature. */
const encodedByGraph = async (columns: Column[], train: Int32Array, inputs?: Tensor[]): Promise<number[][]> => {
  const encoder = fitEncoder(columns, train);
  const width = encoder.featureNames.length;
  const features: number[][] = [];
  for (let feature = 0; feature < width; feature++) {
    const session = await openSession(
      assembleModel({ name: 'test', encoder, model: showing(feature, width), classes: [] }),
    );
    const [answer] = await session.run(inputs ?? modelInput(encoder, columns, all(rowCountOf(columns[0]))));
    features.push([...(answer.data as Float32Array)]);
    await session.release();
  }
  return features[0].map((_, row) => features.map((column) => column[row]));
};
const rowCountOf = (column: Column): number => (column.kind === 'number' ? column.values : column.codes).length;
const encoded = (columns: Column[], train: Int32Array): number[][] => {
  const encoder = fitEncoder(columns, train);
  const rows = encodeRows(encoder, columns, all(rowCountOf(columns[0])));
  const width = encoder.featureNames.length;
  return Array.from({ length: rows.length / width }, (_, row) => [...rows.subarray(row * width, (row + 1) * width)]);
};

describe('the encoder', () => {
  const few = [number('n', 1, 2.5, NaN, 4), category('c', 'red', 'blue', '', 'green')];

  it('makes a feature of each of a few categories, one of gaps, and none of what it has not seen', () => {
    const encoder = fitEncoder(few, Int32Array.of(0, 1, 2));
    expect(encoder.featureNames).toEqual(['n', 'c = blue', 'c = red', 'c is missing']);
    expect([...encoder.columnOf]).toEqual([0, 1, 1, 1]);
    expect(encoder.optional).toEqual([true, true]);
    expect(encoded(few, Int32Array.of(0, 1, 2))).toEqual([[1, 0, 1, 0], [2.5, 1, 0, 0], [NaN, 0, 0, 1], [4, 0, 0, 0]]); // prettier-ignore
  });

  it('has no place for gaps where there were none', () => {
    const encoder = fitEncoder(few, Int32Array.of(0, 1, 3));
    expect(encoder.featureNames).toEqual(['n', 'c = blue', 'c = green', 'c = red']);
    expect(encoder.optional).toEqual([false, false]);
  });

  const cells = [...Array.from({ length: 30 }, (_, at) => `c${String(at)}`), 'c7', 'c7', 'c9', '', 'new'];
  const many = [category('many', ...cells), number('x', ...cells.map((_, at) => at))];
  const train = all(34);

  it('places many categories by falling frequency, the unknown behind them', () => {
    const rows = encoded(many, train);
    expect(rows[7][0]).toBe(0);
    expect(rows[9][0]).toBe(1);
    expect(rows[0][0]).toBe(2);
    expect(rows[33][0]).toBeNaN();
    expect(rows[34][0]).toBe(30);
  });

  it.each<[string, Column[], Int32Array]>([
    ['a few categories', few, Int32Array.of(0, 1, 2)],
    ['no gaps in training', few, Int32Array.of(0, 1, 3)],
    ['many categories', many, train],
    ['a single category column', [category('c', 'a', 'b', '', 'z')], Int32Array.of(0, 1, 2)],
    ['names that a graph has itself', [category('baton:learner:chosen', 'a', 'b'), number('_baton:features', 1, 2), number('scores', 3, 4), number('which', 5, 6)], Int32Array.of(0, 1)], // prettier-ignore
    ['texts of every kind', [category('größe', 'ä', '😀', 'NA?', '-1', 'a "b"', ''), number('x', 1, 2, 3, 4, 5, 6)], all(6)], // prettier-ignore
  ])('is the same in the exported graph: %s', async (_, columns, rows) => {
    expect(await encodedByGraph(columns, rows)).toEqual(encoded(columns, rows));
  });

  it('takes the words that tables have for "missing" as such in the graph', async () => {
    const words = ['NA', 'nan', 'None', '', 'null'];
    const asked = (name: string): Tensor[] => [{ name, datatype: 'BYTES', shape: [5, 1], data: words }];
    const gaps = [category('c', 'a', 'b', '')];
    expect(await encodedByGraph(gaps, all(3), asked('c'))).toEqual(words.map(() => [0, 0, 1]));
    const [places] = [many[0]].map((column) => [column]);
    expect(await encodedByGraph(places, train, asked('many'))).toEqual(words.map(() => [NaN]));
  });

  it('takes columns of numbers as one tensor', async () => {
    const numbers = [number('a', 1, 2, NaN), number('label', 4, 5, 6)];
    const encoder = fitEncoder(numbers, all(3));
    expect(encoder.isNumeric).toBe(true);
    expect(modelInput(encoder, numbers, Int32Array.of(2, 0))).toEqual([
      { name: 'features', datatype: 'FP32', shape: [2, 2], data: Float32Array.of(NaN, 6, 1, 4) },
    ]);
    expect(await encodedByGraph(numbers, all(3))).toEqual([[1, 4], [2, 5], [NaN, 6]]); // prettier-ignore
  });

  it('refuses a column that is called as an output, where columns go in by name', () => {
    const columns = [category('prediction', 'a', 'b'), number('x', 1, 2)];
    const encoder = fitEncoder(columns, all(2));
    expect(() => assembleModel({ name: 'm', encoder, model: showing(0, 3), classes: [] })).toThrow(
      /DATASET_INVALID.*"prediction" has the name of an output/,
    );
  });

  it('refuses a category column whose training rows are all gaps', () => {
    expect(() => fitEncoder([category('c', 'a', '', '')], Int32Array.of(1, 2))).toThrow(/"c" has no value in the rows/);
  });
});
