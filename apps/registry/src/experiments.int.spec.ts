/* eslint-disable @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-return -- answers are asserted on, field by field */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, services, uniqueName } from '#testing';
import { registryUnderTest, type Json, type RegistryUnderTest } from './registry.behaviour.js';

describe.skipIf(!services().postgres)('experiments', () => {
  let registry: RegistryUnderTest;
  beforeAll(async () => {
    registry = await registryUnderTest();
    await eventually(() => registry.mlflow('GET', 'experiments/get?experiment_id=0'));
  });
  afterAll(() => registry.close());

  const post = (path: string, body: unknown) => registry.call('POST', `/api/2.0/mlflow/${path}`, body);
  const make = async (more: object = {}): Promise<string> =>
    (await registry.mlflow('POST', 'experiments/create', { name: uniqueName('e'), ...more })).experiment_id as string;
  const read = async (id: string): Promise<Json> =>
    (await registry.mlflow('GET', `experiments/get?experiment_id=${id}`)).experiment;

  it.each(['file:///mlflow/mlruns/7', '/mlflow/x', './mlruns', String.raw`C:\mlruns`, 's3://bucket/x'])(
    'keeps artifacts behind the proxy though a client wanted %s, and notes the wish',
    async (artifact_location) => {
      const id = await make({ artifact_location, tags: [{ key: 'team', value: 'a' }] });
      const { artifact_location: held, tags } = await read(id);
      expect(held).toBe(`mlflow-artifacts:/${id}`);
      expect(tags).toEqual([
        { key: 'baton.artifactLocation', value: artifact_location },
        { key: 'team', value: 'a' },
      ]);
      const { run } = await registry.mlflow('POST', 'runs/create', { experiment_id: id });
      expect(run.info.artifact_uri).toBe(`mlflow-artifacts:/${id}/${String(run.info.run_id)}/artifacts`);
    },
  );

  it('lies in the folder of the proxy that a client named', async () => {
    expect(await read(await make({ artifact_location: 'mlflow-artifacts:/team/a/' }))).toMatchObject({
      artifact_location: 'mlflow-artifacts:/team/a',
    });
    const out = await post('experiments/create', {
      name: uniqueName('e'),
      artifact_location: 'mlflow-artifacts:/../a',
    });
    expect(out).toMatchObject({ status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } });
  });

  it('takes its runs with it when it is deleted, and brings them back', async () => {
    const id = await make();
    const { run } = await registry.mlflow('POST', 'runs/create', { experiment_id: id });
    const stages = async () => [
      (await read(id)).lifecycle_stage,
      (await registry.mlflow('GET', `runs/get?run_id=${String(run.info.run_id)}`)).run.info.lifecycle_stage,
    ];
    await registry.mlflow('POST', 'experiments/delete', { experiment_id: id });
    expect(await stages()).toEqual(['deleted', 'deleted']);
    expect((await post('experiments/delete', { experiment_id: id })).status).toBe(404);
    await registry.mlflow('POST', 'experiments/restore', { experiment_id: id });
    expect(await stages()).toEqual(['active', 'active']);
    for (const path of ['runs/delete', 'runs/delete', 'runs/restore', 'runs/restore'])
      await registry.mlflow('POST', path, { run_id: run.info.run_id });
    expect(await stages()).toEqual(['active', 'active']);
  });

  it('is named once, however many ask for the name at the same moment', async () => {
    const name = uniqueName('e');
    const answers = await Promise.all(Array.from({ length: 40 }, () => post('experiments/create', { name })));
    const refused = answers.filter(({ status }) => status !== 200);
    expect(refused).toHaveLength(39);
    for (const { status, body } of refused) {
      expect([status, body.error_code]).toEqual([400, 'RESOURCE_ALREADY_EXISTS']);
      expect(body.message).toContain(`Experiment(name=${name}) already exists.`);
    }
    const taken = await post('experiments/update', { experiment_id: await make(), new_name: name });
    expect(taken).toMatchObject({ status: 400, body: { error_code: 'BAD_REQUEST' } });
  });

  it('is found by any spelling of its id that Python reads, and under both prefixes', async () => {
    for (const id of ['0', ' 0', '%2B0', '-0']) expect((await read(id)).name).toBe('Default');
    const page = await registry.call('GET', '/ajax-api/2.0/mlflow/experiments/get-by-name?experiment_name=Default');
    expect(page.body.experiment.experiment_id).toBe('0');
    const [id] = [await make({ tags: [{ key: 'a' }] })];
    await registry.mlflow('POST', 'experiments/set-experiment-tag', { experiment_id: id, key: 'a', value: 'b' });
    await registry.mlflow('POST', 'experiments/delete-experiment-tag', { experiment_id: id, key: 'a' });
    expect((await read(id)).tags).toBeUndefined();
  });

  it('tells clients what it is', async () => {
    const told = await Promise.all(
      ['/health', '/version', '/api/3.0/mlflow/server-info', '/ajax-api/3.0/mlflow/server-info'].map((path) =>
        registry.call('GET', path),
      ),
    );
    expect(told.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(told[0].body).toBe('OK');
    expect(told[1].body).toMatch(/^3\.\d+\.\d+$/);
    for (const { body } of told.slice(2))
      expect(body).toMatchObject({ store_type: 'SqlStore', workspaces_enabled: false });
  });
});
