import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Tensor } from '#onnx';
import { openSession } from '#onnx/runtime';
import type { Labels } from './labels.js';
import type { RecipeId } from './recipes.js';
import { Rng } from './rng.js';
import { heldOutInput, scoreExport } from './score-export.js';
import { readTable, type Table } from './table.js';
import { trainTable, type TrainedTable } from './train-table.js';

const [header, ...records] = readFileSync(new URL('../../../data/iris.csv', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => line.split(','));
const iris = readTable({ header, records });

const train = (recipe: RecipeId, parameters: unknown, table: Table = iris): Promise<TrainedTable> =>
  trainTable({ table, recipe, parameters });

const answersOf = async (trained: TrainedTable, ...inputs: Tensor[]): Promise<Tensor[][]> => {
  const session = await openSession(trained.onnx);
  const answers: Tensor[][] = [];
  for (const input of inputs) answers.push(await session.run([input]));
  await session.release();
  return answers;
};
const score = async (trained: TrainedTable) => {
  const [answers] = await answersOf(trained, heldOutInput(trained));
  return { ...scoreExport(trained, answers), answers };
};
const features = (...rows: number[][]): Tensor => ({
  name: 'features',
  datatype: 'FP32',
  shape: [rows.length, rows[0].length],
  data: Float32Array.from(rows.flat()),
});

const underfitted = { C: 0.1, max_iter: 10 };
const fitted = { C: 10, max_iter: 500 };

describe('trainTable on iris', () => {
  it('improves from an underfitted to a well fitted regression on the same held-out rows', async () => {
    const [first, second] = [
      await train('logistic-regression', underfitted),
      await train('logistic-regression', fitted),
    ];
    expect(first.heldOut.labels.length).toBe(38);
    expect(first.trainingRows).toBe(112);
    expect(second.heldOut.rows).toEqual(first.heldOut.rows);
    expect((await train('random-forest', { n_estimators: 1 })).heldOut.rows).toEqual(first.heldOut.rows);
    const [before, after] = [await score(first), await score(second)];
    expect(after.metrics.log_loss).toBeLessThan(before.metrics.log_loss / 2);
    expect(after.metrics.accuracy).toBeGreaterThanOrEqual(before.metrics.accuracy);
    // Bit for bit: an answer tells which version gave it.
    const [a, b] = [before.answers[1].data, after.answers[1].data];
    for (let row = 0; row < 38; row++) expect(a.slice(3 * row, 3 * row + 3)).not.toEqual(b.slice(3 * row, 3 * row + 3));
  });

  it.each<[RecipeId, unknown]>([
    ['logistic-regression', fitted],
    ['random-forest', { n_estimators: 100, random_state: 42 }],
  ])('makes a good %s that names two known flowers', async (recipe, parameters) => {
    const trained = await train(recipe, parameters);
    const { metrics } = await score(trained);
    expect(metrics.accuracy).toBeGreaterThan(0.9);
    expect(metrics.f1_macro).toBeGreaterThan(0.9);
    expect(metrics.log_loss).toBeLessThan(0.3);
    const [[label, probabilities]] = await answersOf(trained, features([5.1, 3.5, 1.4, 0.2], [6.0, 2.9, 4.5, 1.5]));
    expect(label).toMatchObject({ name: 'label', datatype: 'INT64', shape: [2], data: BigInt64Array.of(0n, 1n) });
    expect(probabilities).toMatchObject({ name: 'probabilities', datatype: 'FP32', shape: [2, 3] });
  });

  it.each<[RecipeId, unknown]>([
    ['logistic-regression', fitted],
    ['random-forest', { n_estimators: 100 }],
  ])('answers of a %s are the same bits in a batch and alone', async (recipe, parameters) => {
    const trained = await train(recipe, parameters);
    const rows = Array.from({ length: 38 }, (_, row) => [...trained.heldOut.rows.subarray(4 * row, 4 * row + 4)]);
    const [batch, ...single] = await answersOf(trained, features(...rows), ...rows.map((row) => features(row)));
    single.forEach(([, probabilities], row) => {
      expect(probabilities.data).toEqual(batch[1].data.slice(3 * row, 3 * row + 3));
    });
  });

  it('is the same file for the same request', async () => {
    const file = async (recipe: RecipeId, parameters: unknown) => (await train(recipe, parameters)).onnx;
    expect(await file('random-forest', { n_estimators: 5 })).toEqual(await file('random-forest', { n_estimators: 5 }));
    expect(await file('logistic-regression', {})).not.toEqual(await file('logistic-regression', { random_state: 1 }));
  });
});

/** Blobs of points around one centre for each label, with one column that never varies. */
const blobs = (labels: Labels, rowsEach: number, scale = 1): Table => {
  const rng = new Rng(1, 2);
  const noise = (): number => (rng.next() + rng.next() + rng.next()) / 2 ** 32 - 1.5;
  const all = Array.from({ length: rowsEach }, () => labels).flat() as Labels;
  return {
    columns: ['x', 'y', 'constant'],
    rows: Float32Array.from(
      all.flatMap((label) => {
        const id = (labels as (number | string)[]).indexOf(label);
        return [scale * (Math.cos(id) + noise()), scale * (Math.sin(id) + noise()), 5];
      }),
    ),
    labels: all,
  };
};

describe('the exported file', () => {
  const settings: [RecipeId, unknown][] = [
    ['logistic-regression', { C: 1e6, max_iter: 1000 }],
    ['logistic-regression', { C: 1e-3 }],
    ['random-forest', { n_estimators: 300, max_depth: 4 }],
    ['random-forest', { n_estimators: 20 }],
  ];
  const tables: [string, Table][] = [
    ['two classes', blobs([0, 1], 100)],
    ['two texts', blobs(['größer', 'kleiner'], 100)],
    ['negative and large labels', blobs([-7, 9007199254740991, 3], 60)],
    ['twelve texts', blobs(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l'], 30)],
    ['tiny numbers', blobs([0, 1, 2], 50, 1e-20)],
    ['huge numbers', blobs([0, 1, 2], 50, 1e30)],
  ];
  it.each(tables.flatMap(([name, table]) => settings.map(([recipe, given]) => ({ name, table, recipe, given }))))(
    'agrees with the fitted $recipe $given on $name',
    async ({ table, recipe, given }) => {
      const trained = await train(recipe, given, table);
      const { greatestDifference, answers, metrics } = await score(trained);
      expect(greatestDifference).toBeLessThan(5e-6);
      expect(metrics.accuracy).toBeGreaterThan(1 / trained.classes.length);
      expect(answers[0].datatype).toBe(typeof table.labels[0] === 'string' ? 'BYTES' : 'INT64');
    },
  );

  it('is refused when it answers otherwise than the fitted model', async () => {
    const trained = await train('random-forest', { n_estimators: 5 });
    const other = await train('random-forest', { n_estimators: 5, random_state: 0, max_depth: 1 });
    const [answers] = await answersOf(other, heldOutInput(trained));
    expect(() => scoreExport(trained, answers)).toThrow(/^EXPORT_DISAGREES/);
    const [own] = await answersOf(trained, heldOutInput(trained));
    const wrong = own.map((tensor) =>
      tensor.name === 'label' ? { ...tensor, data: new BigInt64Array(38).fill(9n) } : tensor,
    );
    expect(() => scoreExport(trained, wrong)).toThrow(/EXPORT_DISAGREES.*row 1 with "9", which is no class/);
    expect(() => scoreExport(trained, own.slice(1))).toThrow(/EXPORT_DISAGREES.*no "label"/);
  });
});

describe('trainTable refuses', () => {
  const rows = Float32Array.of(1, 2, 3, 4);
  it.each<[string, Table, RegExp]>([
    ['an empty table', { columns: ['a'], rows: new Float32Array(0), labels: [] }, /DATASET_TOO_SMALL.*0 rows/],
    ['three rows', { columns: ['a'], rows: rows.slice(1), labels: [0, 0, 1] }, /DATASET_TOO_SMALL.*3 rows; 4 are/],
    ['a rare class', { columns: ['a'], rows, labels: ['x', 'x', 'x', 'y'] }, /DATASET_TOO_SMALL.*"y" has 1 row/],
    ['a single class', { columns: ['a'], rows, labels: [5, 5, 5, 5] }, /DATASET_INVALID.*single class "5"/],
    [
      'constant features',
      { columns: ['a'], rows: rows.fill(1, 0, 0).map(() => 1), labels: [0, 1, 0, 1] },
      /DATASET_INVALID.*No feature/,
    ],
    ['NaN', { columns: ['a'], rows: Float32Array.of(1, NaN, 3, 4), labels: [0, 1, 0, 1] }, /DATASET_INVALID.*Row 2/],
  ])('%s', async (_, table, sentence) => {
    for (const recipe of ['logistic-regression', 'random-forest'] as const)
      await expect(train(recipe, {}, table)).rejects.toThrow(sentence);
  });

  it('parameters before it looks at the data', async () => {
    await expect(train('random-forest', { trees: 3 }, { columns: [], rows, labels: [] })).rejects.toThrow(
      /^PARAMETER_INVALID/,
    );
  });

  it('works on the fewest rows there may be', async () => {
    await score(await train('random-forest', { n_estimators: 3 }, { columns: ['a'], rows, labels: [0, 0, 1, 1] }));
    await score(await train('logistic-regression', {}, { columns: ['a'], rows, labels: [0, 0, 1, 1] }));
  });
});
