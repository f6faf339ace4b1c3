import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Tensor } from '#onnx';
import { openSession } from '#onnx/runtime';
import { Rng } from '../learning/rng.js';
import { recipes, type RecipeId } from '../learning/recipes.js';
import type { Labels } from './classes.js';
import { CsvTable } from './csv-table.js';
import { inputExample, signatureOf } from './describe-model.js';
import { splitRows } from './splits.js';
import type { Table } from './table-builder.js';
import { shortened, trainTable, type TableTraining, type TrainedTable } from './train-table.js';

const bundled = (name: string, task: 'classification' | 'regression' = 'classification'): Table => {
  const table = new CsvTable({ task, maxRows: 10_000 });
  table.push(readFileSync(new URL(`../../../data/${name}.csv`, import.meta.url)));
  return table.finish();
};
const iris = bundled('iris');

const train = (recipe: RecipeId, parameters: unknown, table = iris, more: Partial<TableTraining> = {}): Promise<TrainedTable> =>
  trainTable(
    { table, name: recipe, recipe: recipes[recipe], parameters, testShare: 0.25, stratify: true, ...more },
    openSession,
  ); // prettier-ignore

const answersOf = async ({ onnx }: TrainedTable, ...inputs: Tensor[][]): Promise<Tensor[][]> => {
  const session = await openSession(onnx);
  const answers: Tensor[][] = [];
  for (const input of inputs) answers.push(await session.run(input));
  await session.release();
  return answers;
};
const features = (...rows: number[][]): Tensor[] => [
  { name: 'features', datatype: 'FP32', shape: [rows.length, rows[0].length], data: Float32Array.from(rows.flat()) },
];

describe('trainTable on iris', () => {
  it('improves from an underfitted to a well fitted regression on the same held-out rows', async () => {
    const first = await train('logistic-regression', { C: 0.1, max_iter: 10 });
    const second = await train('logistic-regression', { C: 10, max_iter: 500 });
    expect([first.split.train.length, first.split.test.length]).toEqual([112, 38]);
    expect(second.split).toEqual(first.split);
    expect((await train('random-forest', { n_estimators: 1 })).split).toEqual(first.split);
    expect(second.metrics.log_loss).toBeLessThan(first.metrics.log_loss / 2);
    expect(second.metrics.accuracy).toBeGreaterThanOrEqual(first.metrics.accuracy);
  });

  it.each<[RecipeId, unknown]>([
    ['logistic-regression', { C: 10, max_iter: 500 }],
    ['random-forest', { n_estimators: 100, random_state: 42 }],
  ])('makes a good %s that names two known flowers, alone as together', async (recipe, parameters) => {
    const trained = await train(recipe, parameters);
    expect(trained.metrics.accuracy).toBeGreaterThan(0.9);
    expect(trained.metrics.balanced_accuracy).toBeGreaterThan(0.9);
    expect(trained.metrics.f1_macro).toBeGreaterThan(0.9);
    expect(trained.metrics.roc_auc).toBeGreaterThan(0.97);
    expect(trained.metrics.log_loss).toBeLessThan(0.3);
    const flowers = [[5.1, 3.5, 1.4, 0.2], [6.0, 2.9, 4.5, 1.5]]; // prettier-ignore
    const [[label, probabilities], ...alone] = await answersOf(trained, features(...flowers), ...flowers.map((flower) => features(flower))); // prettier-ignore
    expect(label).toMatchObject({ name: 'label', datatype: 'INT64', shape: [2], data: BigInt64Array.of(0n, 1n) });
    expect(probabilities).toMatchObject({ name: 'probabilities', datatype: 'FP32', shape: [2, 3] });
    alone.forEach(([, one], row) => {
      expect(one.data).toEqual(probabilities.data.slice(3 * row, 3 * row + 3));
    });
  });

  it('is the same file for the same request, and cross-validation does not change it', async () => {
    const one = await train('random-forest', { n_estimators: 5 });
    const other = await train('random-forest', { n_estimators: 5 }, iris, { folds: 4 });
    expect(other.onnx).toEqual(one.onnx);
    expect(one.metrics).not.toHaveProperty('cv_accuracy');
    expect(other.metrics).toMatchObject(one.metrics);
    expect(other.metrics.cv_accuracy).toBeGreaterThan(0.85);
    expect(other.metrics.cv_accuracy_std).toBeLessThan(0.1);
    const folds = other.history.filter(({ key }) => key === 'fold_accuracy');
    expect(folds.map(({ step }) => step)).toEqual([1, 2, 3, 4]);
    const mean = folds.reduce((sum, { value }) => sum + value, 0) / 4;
    expect(other.metrics.cv_accuracy).toBeCloseTo(mean, 12);
  });

  it('counts steps over all fits', async () => {
    const told: [number, number][] = [];
    const onProgress = (step: number, of: number) => told.push([step, of]);
    await train('random-forest', { n_estimators: 3 }, iris, { folds: 2, context: { onProgress } });
    expect(told.at(-1)).toEqual([9, 9]);
    expect(told.map(([step]) => step)).toEqual([...told.map(([step]) => step)].sort((a, b) => a - b));
  });
});

describe('trainTable on quantities', () => {
  it.each<[RecipeId, unknown]>([
    ['linear-regression', {}],
    ['ridge', {}],
    ['random-forest-regressor', { n_estimators: 50 }],
  ])('makes a %s of use', async (recipe, parameters) => {
    const diabetes = bundled('diabetes', 'regression');
    const trained = await train(recipe, parameters, diabetes);
    expect(Object.keys(trained.metrics).sort()).toEqual(['mae', 'r2', 'rmse']);
    expect(trained.metrics.r2).toBeGreaterThan(0.25);
    expect(trained.metrics.rmse).toBeLessThan(70);
    const [[prediction]] = await answersOf(trained, features([59, 2, 32.1, 101, 157, 93.2, 38, 4, 4.8598, 87]));
    expect(prediction).toMatchObject({ name: 'prediction', datatype: 'FP32', shape: [1, 1] });
    expect(signatureOf(diabetes).outputs).toEqual([{ name: 'prediction', dtype: 'float32', shape: [-1, 1] }]);
  });
});

/** Rows whose class a number and a text tell, each with gaps; a column of noise with many texts. */
const mixed = (task: 'classification' | 'regression'): Table => {
  const rng = new Rng(1, 2);
  const rows = Array.from({ length: 400 }, (_, row) => {
    const size = rng.next() / 2 ** 32;
    const colour = ['red', 'green', 'blue'][rng.next() % 3];
    const value = size * 10 + (colour === 'red' ? 10 : 0);
    const y = task === 'regression' ? value.toFixed(3) : value > 10 ? 'large' : 'small';
    return [row % 11 === 0 ? '' : size.toFixed(4), row % 13 === 0 ? '' : colour, `shop ${String(rng.next() % 60)}`, y].join(',');
  }); // prettier-ignore
  const table = new CsvTable({ task, maxRows: 1_000 });
  table.push(Buffer.from(`size,colour,shop,y\n${rows.join('\n')}\n`));
  return table.finish();
};

describe('trainTable on numbers and texts with gaps', () => {
  it.each<RecipeId>(['logistic-regression', 'random-forest'])(
    'makes a %s that takes what is missing',
    async (recipe) => {
      const table = mixed('classification');
      const trained = await train(recipe, {}, table);
      expect(trained.metrics.accuracy).toBeGreaterThan(0.85);
      const column = (name: string, data: Tensor['data']): Tensor => ({ name, datatype: Array.isArray(data) ? 'BYTES' : 'FP32', shape: [3, 1], data }); // prettier-ignore
      const asked = [column('size', Float32Array.of(0.9, 0.1, NaN)), column('colour', ['red', 'green', '']), column('shop', ['shop 1', 'never seen', ''])]; // prettier-ignore
      const [[label, probabilities]] = await answersOf(trained, asked);
      expect((label.data as string[]).slice(0, 2)).toEqual(['large', 'small']);
      for (const probability of probabilities.data) expect(probability).toBeGreaterThanOrEqual(0);
      expect(signatureOf(table).inputs).toEqual([
        { name: 'size', type: 'double', required: false },
        { name: 'colour', type: 'string', required: false },
        { name: 'shop', type: 'string', required: true },
      ]);
    },
  );

  it.each<RecipeId>(['ridge', 'random-forest-regressor'])(
    'makes a %s, and an example of rows with gaps',
    async (recipe) => {
      const table = mixed('regression');
      const trained = await train(recipe, {}, table);
      expect(trained.metrics.r2).toBeGreaterThan(0.5);
      const gap = Int32Array.from([0, 13, 1]);
      expect(inputExample(table, { ...trained, split: { ...trained.split, test: gap } })).toMatchObject({
      columns: ['size', 'colour', 'shop'],
      data: [[null, null, expect.any(String)], [expect.any(Number), null, expect.any(String)], [expect.any(Number), expect.any(String), expect.any(String)]],
    }); // prettier-ignore
    },
  );
});

/** The table without the value of a column in a row. */
const withoutValue = (table: Table, at: number, row: number): Table => ({
  ...table,
  columns: table.columns.map((column, index) =>
    index === at && column.kind === 'number'
      ? { ...column, values: column.values.map((value, place) => (place === row ? NaN : value)) }
      : column,
  ),
});

describe('a gap that only rows held out have', () => {
  it.each(Object.keys(recipes) as RecipeId[])('is nothing to a %s, and the signature knows of it', async (recipe) => {
    const table = recipes[recipe].task === 'classification' ? iris : bundled('diabetes', 'regression');
    const [row] = splitRows(table.target, 0.25, true, 0).test;
    const holed = withoutValue(table, 1, row);
    const trained = await train(recipe, {}, holed);
    expect(Object.values(trained.metrics).every(Number.isFinite)).toBe(true);
    expect(
      signatureOf(holed)
        .inputs.map(({ required }) => required)
        .indexOf(false),
    ).toBe(1);
    const folded = await train(recipe, {}, withoutValue(table, 1, trained.split.train[0]), { folds: 3 });
    expect(Object.keys(folded.metrics).some((name) => name.startsWith('cv_'))).toBe(true);
  });
});

describe('rows of one class to train on', () => {
  const ids = Int32Array.of(1, 0, 0, 0, 0, 0, 0, 0);
  const rare: Table = {
    columns: [{ kind: 'number', name: 'x', values: Float32Array.from(ids, (_, row) => row) }],
    target: { kind: 'classes', name: 'y', classes: ['no', 'yes'], ids },
    rowCount: 8,
  };
  const random_state = [...ids.keys()].findIndex((seed) => splitRows(rare.target, 0.5, false, seed).test.includes(0));
  it.each<RecipeId>(['logistic-regression', 'random-forest', 'gradient-boosting'])(
    'are too few for a %s',
    async (recipe) => {
      await expect(train(recipe, { random_state }, rare, { stratify: false, testShare: 0.5 })).rejects.toThrow(
        /^DATASET_TOO_SMALL: The rows to train on are all of the class "no"/,
      );
    },
  );
});

describe('what a fit measures itself', () => {
  it('is among the metrics', async () => {
    const { metrics } = await train('random-forest', { oob_score: true });
    expect(metrics.oob_score).toBeGreaterThan(0.9);
  });

  it('leaves no curve with holes, however few rows are held out to end early', async () => {
    const few = blobs([0, 1], 4);
    const given = { early_stopping: true, min_samples_leaf: 1, max_iter: 5 };
    const { history } = await train('gradient-boosting', given, few);
    expect(history.filter(({ key }) => key === 'validation_loss').length).toBeGreaterThan(0);
    expect(history.every(({ value }) => Number.isFinite(value))).toBe(true);
    // One row of each class: none to spare.
    const two = blobs([0, 1], 2);
    expect((await train('gradient-boosting', given, two)).history.length).toBeGreaterThan(0);
  });
});

/** Blobs of points around one centre for each label, with one column that never varies. */
const blobs = (labels: Labels, rowsEach: number, scale = 1): Table => {
  const rng = new Rng(1, 2);
  const noise = (): number => (rng.next() + rng.next() + rng.next()) / 2 ** 32 - 1.5;
  const ids = Int32Array.from({ length: rowsEach * labels.length }, (_, row) => row % labels.length);
  const column = (name: string, value: (id: number) => number) => ({ kind: 'number' as const, name, values: Float32Array.from(ids, value) }); // prettier-ignore
  return {
    columns: [column('x', (id) => scale * (Math.cos(id) + noise())), column('y', (id) => scale * (Math.sin(id) + noise())), column('constant', () => 5)], // prettier-ignore
    target: { kind: 'classes', name: 'label', classes: labels, ids },
    rowCount: ids.length,
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
    ['negative and large labels', blobs([-7, 3, 9007199254740991], 60)],
    ['twelve texts', blobs(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l'], 30)],
    ['tiny numbers', blobs([0, 1, 2], 50, 1e-20)],
    ['huge numbers', blobs([0, 1, 2], 50, 1e30)],
  ];
  it.each(tables.flatMap(([name, table]) => settings.map(([recipe, given]) => ({ name, table, recipe, given }))))(
    'agrees with the fitted $recipe $given on $name',
    async ({ table, recipe, given }) => {
      const { scored, metrics } = await train(recipe, given, table);
      expect(scored.greatestDifference).toBeLessThan(5e-6);
      expect(metrics.accuracy).toBeGreaterThan(0.1);
    },
  );

  it('works on the fewest rows there may be', async () => {
    const four = blobs([0, 1], 2);
    await train('random-forest', { n_estimators: 3 }, four);
    await train('logistic-regression', {}, four);
  });

  it('names faulty parameters', async () => {
    await expect(train('random-forest', { trees: 3 })).rejects.toThrow(/^PARAMETER_INVALID/);
  });
});

describe('shortened', () => {
  it('keeps the ends of each metric and a thousand points of many', () => {
    const entries = (key: string, count: number) =>
      Array.from({ length: count }, (_, at) => ({ key, step: at + 1, value: at }));
    const kept = shortened([...entries('loss', 10_000), ...entries('few', 3)]); // prettier-ignore
    const loss = kept.filter(({ key }) => key === 'loss');
    expect(loss.length).toBeGreaterThan(990);
    expect(loss.length).toBeLessThanOrEqual(1_001);
    expect([loss[0].step, loss.at(-1)?.step]).toEqual([1, 10_000]);
    expect(kept.filter(({ key }) => key === 'few')).toHaveLength(3);
  });
});
