import { describe, expect, it } from 'vitest';
import { mustBeEqual } from './equal-answers.js';

const run = {
  info: { run_id: 'a', artifact_uri: 'mlflow-artifacts:/1/a', status: 'RUNNING' },
  data: {
    metrics: [
      { key: 'x', value: 1 },
      { key: 'y', value: 2 },
    ],
  },
  inputs: {},
};

describe('mustBeEqual', () => {
  it('lets pass what is each server’s own, and any order of named things', () => {
    const other = {
      data: { metrics: run.data.metrics.toReversed(), tags: [] },
      info: { status: 'RUNNING', run_id: 'b', artifact_uri: 'mlflow-artifacts:/9/b' },
    };
    expect(() => {
      mustBeEqual('runs/get', run, other);
    }).not.toThrow();
  });

  it.each([
    [
      'a field',
      { ...run, info: { ...run.info, status: 'FINISHED' } },
      '$.info.status: ours "RUNNING", theirs "FINISHED"',
    ],
    [
      'a value',
      {
        ...run,
        data: {
          metrics: [
            { key: 'x', value: 1 },
            { key: 'y', value: 3 },
          ],
        },
      },
      '$.data.metrics.1.value',
    ],
    ['one too few', { ...run, data: {} }, '$.data'],
  ])('refuses %s that differs and says where', (_what, other, where) => {
    expect(() => {
      mustBeEqual('runs/get', run, other);
    }).toThrow(where);
  });

  it('compares ids where told, and keeps the order of runs and of points', () => {
    expect(() => {
      mustBeEqual('search', { run_id: 'a' }, { run_id: 'b' }, ['run_id']);
    }).toThrow('$.run_id');
    const points = (...values: number[]) => values.map((value) => ({ key: 'loss', value }));
    expect(() => {
      mustBeEqual('history', points(1, 2), points(2, 1));
    }).toThrow('$.0.value');
    const names = (...list: string[]) => list.map((name) => ({ info: { name } }));
    expect(() => {
      mustBeEqual('runs', names('a', 'b'), names('b', 'a'));
    }).toThrow('$.0.info.name');
  });
});
