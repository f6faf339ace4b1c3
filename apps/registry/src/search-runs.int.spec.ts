/* eslint-disable @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-member-access -- answers are asserted on, field by field */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, services } from '#testing';
import { registryUnderTest, type Json, type RegistryUnderTest } from './registry.behaviour.js';

const pairs = (given: Record<string, string>) => Object.entries(given).map(([key, value]) => ({ key, value }));

describe.skipIf(!services().postgres)('searches for runs', () => {
  let registry: RegistryUnderTest;
  let experiment_id: string;
  const ids: Record<string, string> = {};

  /** The names of the runs that are found, in their order. */
  const runs = async (filter: string, order_by: string[] = []): Promise<string> => {
    const found = await registry.mlflow('POST', 'runs/search', { experiment_ids: [experiment_id], filter, order_by });
    return ((found.runs ?? []) as Json[]).map(({ info }) => info.run_name as string).join('');
  };

  beforeAll(async () => {
    registry = await registryUnderTest();
    await eventually(() => registry.mlflow('GET', 'experiments/get?experiment_id=0'));
    ({ experiment_id } = await registry.mlflow('POST', 'experiments/create', { name: 'searched' }));
    const made = [
      {
        name: 'a',
        at: 1000,
        status: 'FINISHED',
        loss: 0.5,
        params: { lr: '0.1', note: '50%' },
        tags: { team: 'Red', 'a.b c': 'x' },
      },
      { name: 'b', at: 2000, status: 'FAILED', loss: 'NaN', params: { lr: '0.01' }, tags: { team: 'red' } },
      { name: 'c', at: 3000, status: 'RUNNING', loss: -3, params: { lr: '1', note: 'a\\b' }, tags: { team: 'blue' } },
      { name: 'd', at: 3000, status: 'RUNNING', loss: undefined, params: {}, tags: {} },
      { name: 'e', at: 500, status: 'RUNNING', loss: 'Infinity', params: { lr: '0.1' }, tags: { team: "o'Neil" } },
    ];
    for (const { name, at, status, loss, params, tags } of made) {
      const { run } = await registry.mlflow('POST', 'runs/create', {
        experiment_id,
        run_name: name,
        start_time: at,
        tags: pairs(tags as Record<string, string>),
        user_id: `user-${name}`,
      });
      const run_id = run.info.run_id as string;
      ids[name] = run_id;
      const metrics = loss === undefined ? [] : [{ key: 'loss', value: loss, timestamp: 1, step: 0 }];
      await registry.mlflow('POST', 'runs/log-batch', {
        run_id,
        metrics,
        params: pairs(params as Record<string, string>),
      });
      if (status !== 'RUNNING') await registry.mlflow('POST', 'runs/update', { run_id, status, end_time: at + 5 });
    }
    const dataset = (name: string, digest: string, context: string) => ({
      dataset: { name, digest, source_type: 'local', source: '{}' },
      tags: [{ key: 'mlflow.data.context', value: context }],
    });
    await registry.mlflow('POST', 'runs/log-inputs', {
      run_id: ids.a,
      datasets: [dataset('iris', 'd1', 'train'), dataset('wine', 'd2', 'test')],
    });
    await registry.mlflow('POST', 'runs/log-inputs', { run_id: ids.b, datasets: [dataset('iris', 'd3', 'test')] });
  });
  afterAll(() => registry.close());

  /** Natural order: start time descending, then run id. */
  const natural = (names: string): string =>
    Array.from(names)
      .sort((x, y) => 'cdbae'.indexOf(x) - 'cdbae'.indexOf(y))
      .join('');

  it.each([
    ['', 'abcde'],
    ['metrics.loss > -3', 'ae'],
    ['metrics.loss >= -3', 'ace'],
    ['metrics.loss < 0.5', 'c'],
    ['metrics.loss <= 0.5', 'ac'],
    ['metrics.loss = 0.5', 'a'],
    ['metrics.loss != 0.5', 'bce'],
    ['metrics.loss > 1e400', ''],
    ['metrics.other != 1', ''],
    ["params.lr = '0.1'", 'ae'],
    ["params.lr != '0.1'", 'bc'],
    ["params.lr LIKE '0.%'", 'abe'],
    ["params.lr LIKE '0._'", 'ae'],
    ["param.note LIKE '50\\%'", 'a'],
    ["params.note = 'a\\b'", 'c'],
    ["params.note LIKE 'a\\\\b'", 'c'],
    ['params.note IS NULL', 'bde'],
    ['params.note IS NOT NULL', 'ac'],
    ["tags.team = 'red'", 'b'],
    ["tags.team LIKE 'red'", 'b'],
    ["tags.team ILIKE 'RED'", 'ab'],
    ["tags.team != 'red'", 'ace'],
    [`tags.team = "o'Neil"`, 'e'],
    ["tags.`a.b c` = 'x'", 'a'],
    ['tags."a.b c" = \'x\'', 'a'],
    ['tags.team IS NULL', 'd'],
    ["status = 'RUNNING'", 'cde'],
    ["attributes.status != 'RUNNING'", 'ab'],
    ["run.status LIKE 'F%'", 'ab'],
    ["user_id = 'user-c'", 'c'],
    ["run_name = 'a'", 'a'],
    ["`Run name` ILIKE 'A'", 'a'],
    ['start_time >= 2000', 'bcd'],
    ['created < 1000.5', 'ae'],
    ['start_time < 99999999999999999999', 'abcde'],
    ['end_time > 0', 'ab'],
    ['end_time != 1005', 'b'],
    ["dataset.name = 'iris'", 'ab'],
    ["dataset.name != 'iris'", 'a'],
    ["datasets.digest IN ('d1', 'd3')", 'ab'],
    ["dataset.digest NOT IN ('d1', 'd2')", 'b'],
    ["dataset.context = 'test'", 'ab'],
    ["dataset.context LIKE 'tr%' AND dataset.name = 'wine'", 'a'],
    ["metrics.loss > -10 AND params.lr = '0.1' and tags.team ILIKE '%r%'", 'a'],
  ])('finds the runs where %s', async (filter, names) => {
    const found = await runs(filter);
    expect(natural(found)).toBe(natural(names));
  });

  it.each([
    [['metrics.loss'], 'caebd'],
    [['metrics.loss DESC'], 'eacbd'],
    [['params.lr DESC'], 'caebd'],
    [['params.`lr`', 'metrics.loss DESC'], 'beacd'],
    [['attributes.run_name desc'], 'edcba'],
    [['end_time', 'run_name'], 'abcde'],
    [['end_time desc', 'run_name desc'], 'baedc'],
    [['status', 'Created'], 'baecd'],
  ])('orders runs by %s', async (order, names) => {
    const found = await runs('', order);
    // Those that start at the same time come by their ids.
    expect(found.replace('dc', 'cd')).toBe(names.replace('dc', 'cd'));
  });

  it('finds runs by a list of their ids', async () => {
    expect(await runs(`run_id IN ('${ids.a}', '${ids.b.toUpperCase()}', 'x')`)).toBe('a');
    expect(natural(await runs(`run_id NOT IN ('${ids.a}', '${ids.b.toUpperCase()}')`))).toBe('cdbe');
  });
});
