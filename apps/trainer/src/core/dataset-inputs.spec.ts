import { describe, expect, it } from 'vitest';
import { datasetInputs, type UsedData } from './dataset-inputs.js';
import type { RecipeResult } from './recipe-runner.js';

const used: UsedData = {
  uri: 's3://sets/2026/iris.csv.gz',
  data: { path: '/data/iris.csv.gz', format: 'csv.gz', sha256: 'ab'.repeat(32), sizeBytes: 1234 },
  options: { testShare: 0.25, stratify: true },
  seed: 1,
};
const result: RecipeResult = {
  metrics: {},
  facts: { train_rows: '112', test_rows: '38' },
  files: {},
  signature: { inputs: [{ name: 'a', type: 'double', required: false }], outputs: [] },
};

describe('datasetInputs', () => {
  it('are the two parts of the split, with where they come from and what is in them', () => {
    const [training, testing, ...others] = datasetInputs(used, result);
    expect(others).toEqual([]);
    expect(training).toMatchObject({ context: 'training', name: 'iris', sourceType: 's3' });
    expect(JSON.parse(training.source)).toEqual({ uri: 's3://sets/2026/iris.csv.gz' });
    expect(JSON.parse(training.schema ?? '')).toEqual({
      mlflow_colspec: [{ type: 'double', name: 'a', required: false }],
    });
    expect(JSON.parse(training.profile)).toEqual({
      num_rows: 112,
      size_bytes: 1234,
      sha256: 'ab'.repeat(32),
      format: 'csv.gz',
    });
    expect(testing).toMatchObject({ context: 'testing', name: 'iris' });
    expect(JSON.parse(testing.profile)).toMatchObject({ num_rows: 38 });
    expect(training.digest).toMatch(/^[0-9a-f]{32}$/);
    expect(testing.digest).not.toBe(training.digest);
  });

  it('have the same digests for the same rows, whatever columns are read, and others for another split', () => {
    const digests = (over: Partial<UsedData>) =>
      datasetInputs({ ...used, ...over }, result).map(({ digest }) => digest);
    expect(digests({ options: { testShare: 0.25, stratify: true, drop: ['b'] }, uri: 'file:x.csv' })).toEqual(
      digests({}),
    );
    for (const over of [
      { seed: 2 },
      { options: { testShare: 0.3, stratify: true } },
      { data: { ...used.data, sha256: 'cd'.repeat(32) } },
    ])
      expect(digests(over)).not.toEqual(digests({}));
  });

  it.each([
    ['builtin:iris', 'iris', 'local'],
    ['https://host/path/rows.parquet', 'rows', 'http'],
    ['file:sub/my rows.csv', 'my rows', 'local'],
    ['wine', 'wine', 'local'],
  ])('name %s', (uri, name, sourceType) => {
    expect(datasetInputs({ ...used, uri }, result)[0]).toMatchObject({ name, sourceType });
  });

  it('are one where a recipe tells of no split', () => {
    expect(
      datasetInputs(used, { metrics: {}, facts: {}, files: {}, signature: { inputs: [], outputs: [] } }),
    ).toMatchObject([{ context: 'training', digest: 'ab'.repeat(16) }]);
  });
});
