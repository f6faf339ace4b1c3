/* eslint-disable @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-return, @typescript-eslint/no-unsafe-argument, @typescript-eslint/no-unsafe-call -- answers are asserted on, field by field */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, services, uniqueName } from '#testing';
import { registryUnderTest, type Json, type RegistryUnderTest } from './registry.behaviour.js';

describe.skipIf(!services().postgres)('what is logged to runs', () => {
  let registry: RegistryUnderTest;
  beforeAll(async () => {
    registry = await registryUnderTest();
    await eventually(() => registry.mlflow('GET', 'experiments/get?experiment_id=0'));
  });
  afterAll(() => registry.close());

  const post = (path: string, body: unknown) => registry.call('POST', `/api/2.0/mlflow/${path}`, body);
  const newRun = async (experiment_id = '0'): Promise<string> =>
    (await registry.mlflow('POST', 'runs/create', { experiment_id })).run.info.run_id;
  const read = async (run_id: string) => (await registry.mlflow('GET', `runs/get?run_id=${run_id}`)).run;
  const history = async (run_id: string, key: string): Promise<Json[]> =>
    (await registry.mlflow('GET', `metrics/get-history?run_id=${run_id}&metric_key=${key}`)).metrics ?? [];
  const text = async (path: string) => (await fetch(`${registry.url}/api/2.0/mlflow/${path}`)).text();

  it('answers a new run as it was given', async () => {
    const { run } = await registry.mlflow('POST', 'runs/create', {
      experiment_id: '0',
      user_id: 'ann',
      start_time: 5,
      run_name: 'first',
      tags: [{ key: 'a#b', value: 'any key' }],
    });
    expect(run).toEqual({
      info: {
        run_id: run.info.run_id,
        run_uuid: run.info.run_id,
        run_name: 'first',
        experiment_id: '0',
        user_id: 'ann',
        status: 'RUNNING',
        start_time: 5,
        artifact_uri: `mlflow-artifacts:/0/${String(run.info.run_id)}/artifacts`,
        lifecycle_stage: 'active',
      },
      data: {
        tags: [
          { key: 'a#b', value: 'any key' },
          { key: 'mlflow.runName', value: 'first' },
        ],
      },
      inputs: {},
    });
    expect(await read(run.info.run_id)).toEqual({ ...run, outputs: {} });
  });

  it('keeps the greatest by step, timestamp and value as the latest, whatever the order', async () => {
    const run_id = await newRun();
    const points = [
      [2, 10, 1],
      [2, 10, 'NaN'],
      [2, 10, -1],
      [1, 99, 9],
      [2, 9, 9],
    ] as const;
    for (const [step, timestamp, value] of points)
      await registry.mlflow('POST', 'runs/log-metric', { run_id, key: 'm', step, timestamp, value });
    const batch = points.map(([step, timestamp, value]) => ({ key: 'n', step, timestamp, value }));
    await registry.mlflow('POST', 'runs/log-batch', { run_id, metrics: [...batch, ...batch] });
    expect((await read(run_id)).data.metrics).toEqual(
      ['m', 'n'].map((key) => ({ key, value: 1, timestamp: 10, step: 2 })),
    );
    // As MLflow's database has them: NaN is a zero with a mark.
    expect((await history(run_id, 'n')).map(({ timestamp, value }) => [timestamp, value])).toEqual([
      [9, 9],
      [10, -1],
      [10, 'NaN'],
      [10, 1],
      [99, 9],
    ]);
    expect(await history(run_id, 'm')).toHaveLength(5);
  });

  it('loses no digit of a step or a timestamp, and keeps infinities as the greatest double', async () => {
    const run_id = await newRun();
    const body = `{"run_id":"${run_id}","key":"big","value":"-Infinity","timestamp":9223372036854775807,"step":-9223372036854775807}`;
    const headers = { 'content-type': 'application/json' };
    const sent = await fetch(`${registry.url}/api/2.0/mlflow/runs/log-metric`, { method: 'POST', headers, body });
    expect(sent.status).toBe(200);
    const exact = '"value":-1.7976931348623157e+308,"timestamp":9223372036854775807,"step":-9223372036854775807';
    expect(await text(`metrics/get-history?run_id=${run_id}&metric_key=big`)).toContain(exact);
    expect(await text(`runs/get?run_id=${run_id}`)).toContain(exact);
  });

  it('writes a param once; the same again is fine, another value tells both', async () => {
    const run_id = await newRun();
    const params = (...values: string[]) => values.map((value, at) => ({ key: `p${String(at)}`, value }));
    for (const _ of [1, 2]) await registry.mlflow('POST', 'runs/log-batch', { run_id, params: params('1', "it's") });
    const answer = await post('runs/log-batch', {
      run_id,
      params: [...params('9', "it's"), { key: 'new', value: '1' }],
      tags: [{ key: 'never', value: 'written' }],
    });
    expect(answer).toMatchObject({ status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } });
    expect(answer.body.message).toBe(
      `Changing param values is not allowed. Params were already logged='[{'key': 'p0', 'old_value': '1', 'new_value': '9'}]' for run ID='${run_id}'.`,
    );
    const { data } = await read(run_id);
    expect(data.params).toEqual(params('1', "it's"));
    expect(data.tags).toHaveLength(1);
  });

  it('names a run by its tag, and takes no empty name', async () => {
    const run_id = await newRun();
    await registry.mlflow('POST', 'runs/set-tag', { run_id, key: 'mlflow.runName', value: 'by tag' });
    await registry.mlflow('POST', 'runs/set-tag', { run_id, key: 'mlflow.runName', value: '' });
    const { info, data } = await read(run_id);
    expect([info.run_name, data.tags]).toEqual(['by tag', [{ key: 'mlflow.runName', value: 'by tag' }]]);
  });

  it('takes ten thousand concurrent writes to the same params, metrics and tags, and answers each by itself', async () => {
    const [run_id, other] = [await newRun(), await newRun()];
    await registry.mlflow('POST', 'runs/delete', { run_id: other });
    const counts = { won: 0, changed: 0, other: 0 };
    const one = async (at: number): Promise<void> => {
      const param = String(at % 2);
      const answer = await post('runs/log-batch', {
        run_id: at % 10 === 9 ? other : run_id,
        params: at % 5 === 0 ? [{ key: `race${String(at % 7)}`, value: param }] : [],
        metrics: [3, 1, 2].map((key) => ({ key: `m${String(key)}`, value: at, timestamp: 1, step: at })),
        tags: [{ key: `t${String(at % 3)}`, value: String(at) }],
      });
      if (at % 10 === 9) expect(answer.body.message).toContain("must be in the 'active' state");
      if (at % 10 === 9) counts.other += 1;
      else if (answer.status === 200) counts.won += 1;
      else {
        expect(answer.body.message).toContain('Changing param values is not allowed.');
        counts.changed += 1;
      }
    };
    // Each worker sends what is next: a hundred requests are under way at any moment.
    let next = 0;
    const worker = async (): Promise<void> => {
      while (next < 10_000) await one(next++);
    };
    await Promise.all(Array.from({ length: 100 }, worker));
    expect(counts.other).toBe(1000);
    expect(counts.won + counts.changed).toBe(9000);
    expect(counts.changed).toBeGreaterThan(0);
    const { data } = await read(run_id);
    expect(data.metrics.map(({ key }: Json) => key)).toEqual(['m1', 'm2', 'm3']);
    expect(data.params).toHaveLength(7);
    expect(await history(run_id, 'm1')).toHaveLength(counts.won);
  }, 900_000);

  it('keeps metrics of a logged model with the model, not in the history of the run', async () => {
    const run_id = await newRun();
    const { model } = await registry.mlflow('POST', 'logged-models', { experiment_id: '0', name: uniqueName('m') });
    const { model_id } = model.info;
    const metric = { key: 'acc', value: 0.5, timestamp: 5, step: 1 };
    const about = { ...metric, model_id, dataset_name: 'iris', dataset_digest: 'abc' };
    await registry.mlflow('POST', 'runs/log-batch', { run_id, metrics: [metric] });
    for (const _ of [1, 2]) await registry.mlflow('POST', 'runs/log-batch', { run_id, metrics: [about] });
    expect(await history(run_id, 'acc')).toEqual([metric]);
    expect((await read(run_id)).data.metrics).toEqual([metric]);
    const { data } = (await registry.mlflow('GET', `logged-models/${String(model_id)}`)).model;
    expect(data.metrics).toEqual([{ ...about, run_id }]);
    const unknown = await post('runs/log-batch', { run_id, metrics: [{ ...metric, step: 9, model_id: 'm-none' }] });
    expect(unknown).toMatchObject({ status: 404, body: { message: "Logged model with ID 'm-none' not found." } });
    expect(await history(run_id, 'acc')).toHaveLength(1);
  });

  it('lists data sets of experiments; what a run has once stays as it is', async () => {
    const { experiment_id } = await registry.mlflow('POST', 'experiments/create', { name: uniqueName('e') });
    const run_id = await newRun(experiment_id);
    const input = (context: string) => ({
      dataset: { name: 'iris', digest: 'abc', source_type: 'local', source: '{}' },
      tags: [{ key: 'mlflow.data.context', value: context }],
    });
    for (const context of ['train', 'eval'])
      await registry.mlflow('POST', 'runs/log-inputs', { run_id, datasets: [input(context)] });
    const found = await registry.call('POST', '/ajax-api/2.0/mlflow/experiments/search-datasets', {
      experiment_ids: [experiment_id],
    });
    expect(found.body).toEqual({
      dataset_summaries: [{ experiment_id, name: 'iris', digest: 'abc', context: 'train' }],
    });
    const outputs = (step: number) => post('runs/outputs', { run_id, models: [{ model_id: 'm-1', step }] });
    expect([(await outputs(3)).status, (await outputs(3)).status]).toEqual([200, 200]);
    expect(await outputs(4)).toMatchObject({ status: 400, body: { error_code: 'BAD_REQUEST' } });
  });
});
