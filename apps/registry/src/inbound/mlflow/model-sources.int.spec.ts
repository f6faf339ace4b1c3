/* eslint-disable @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-return, @typescript-eslint/no-unsafe-argument -- answers are asserted on, field by field */
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, services, uniqueName } from '#testing';
import { registryUnderTest, trainAndRegister, type Json, type RegistryUnderTest } from '../../registry.behaviour.js';

describe.skipIf(!services().postgres)('where versions come from', () => {
  let registry: RegistryUnderTest;
  let run: { run_id: string; artifact_uri: string };
  const create = async (name: string, more: object): Promise<Json> => {
    const { status, body } = await registry.call('POST', '/api/2.0/mlflow/model-versions/create', { name, ...more });
    return status === 200 ? body.model_version : [status, body.error_code, body.message];
  };
  const model = async (tags: object[] = []): Promise<string> => {
    const name = uniqueName('model');
    await registry.mlflow('POST', 'registered-models/create', { name, tags });
    return name;
  };
  const downloadUri = async (name: string, version: string) =>
    (await registry.mlflow('GET', `model-versions/get-download-uri?name=${name}&version=${version}`)).artifact_uri;

  beforeAll(async () => {
    registry = await registryUnderTest();
    await eventually(() => registry.mlflow('GET', 'experiments/get?experiment_id=0'));
    run = (await registry.mlflow('POST', 'runs/create', { experiment_id: '0', start_time: 1 })).run.info;
  });
  afterAll(async () => {
    await registry.close();
  });

  it('is a run or logged model that the request names, or nothing of ours', async () => {
    const [name, source] = [await model(), `${run.artifact_uri}/model`];
    const { run_id } = run;
    expect(await create(name, { source, run_id })).toMatchObject({
      version: '1',
      run_id,
      description: '',
      run_link: '',
    });
    const notContained = [400, 'INVALID_PARAMETER_VALUE', expect.stringContaining('must identify the resource')];
    expect(await create(name, { source })).toEqual(notContained);
    expect(await create(name, { source, run_id: '0'.repeat(32) })).toEqual(notContained);
    expect(await create(name, { source: `runs:/${run_id}/model` })).toEqual(notContained);
    expect(await create(name, { source: 'models:/m-0af' })).toEqual(notContained);
    expect((await create(name, { source: 'models:/m-0af', model_id: 'm-0af' }))[2]).toContain('Unable to fetch model');
    expect(await create(name, { source: `runs:/${run_id}/model`, run_id })).toMatchObject({ version: '2' });
    expect(await downloadUri(name, '2')).toBe(`runs:/${run_id}/model`);
  });

  it('registers what lies elsewhere, which can not be served then', async () => {
    const name = await model();
    const { run_id } = run;
    for (const source of ['s3://bucket/model', `${run.artifact_uri}/a\\b`, `${run.artifact_uri}/a#b`]) {
      const { version } = await create(name, { source, run_id });
      expect(await downloadUri(name, version)).toBe(source);
      const promoted = await registry.call('POST', `/api/v1/models/${name}/promotions`, { version: Number(version) });
      // Pending: it waits for a file that can be served.
      expect(promoted.status).toBe(202);
    }
    expect((await create(name, { source: 'https://host/model' }))[0]).toBe(400);
  });

  it('is another version, by number, alias, stage or as the latest, and stays that one', async () => {
    const [from, to] = [uniqueName('model'), await model()];
    const { runId, modelId } = await trainAndRegister(registry, from, 0.1);
    await trainAndRegister(registry, from, 0.2);
    await registry.mlflow('POST', 'registered-models/alias', { name: from, alias: 'best', version: '1' });
    const stage = { name: from, version: '1', stage: 'Staging', archive_existing_versions: false };
    await registry.mlflow('POST', 'model-versions/transition-stage', stage);
    for (const [suffix, version] of [
      ['/1', '1'],
      ['@best', '1'],
      ['/staging', '1'],
      ['/latest', '2'],
    ] as const)
      // prettier-ignore
      expect(await create(to, { source: `models:/${from}${suffix}` })).toMatchObject({ source: `models:/${from}/${version}` });
    const copy = (await registry.mlflow('GET', `model-versions/get?name=${to}&version=1`)).model_version;
    expect(copy).toMatchObject({ run_id: runId, model_id: modelId });
    expect(await downloadUri(to, '1')).toBe(`mlflow-artifacts:/0/models/${modelId}/artifacts`);
    expect((await create(to, { source: `models:/${from}/9` }))[0]).toBe(404);
    expect((await create(to, { source: `models:/${from}/Production` }))[2]).toContain("stage 'Production' found");
    expect((await create(to, { source: `models:/${from}@nobody` }))[2]).toBe(
      'Registered model alias nobody not found.',
    );
    expect((await create(to, { source: `models:/${from}/1`, run_id: 'other' }))[2]).toContain(
      'must match the referenced',
    );
    const promoted = await registry.call('POST', `/api/v1/models/${to}/promotions`, { version: 2 });
    expect(promoted.status).toBe(201);
  });

  describe('of a prompt', () => {
    const isPrompt = { key: 'mlflow.prompt.is_prompt', value: 'true' };
    const tags = [isPrompt, { key: 'mlflow.prompt.text', value: 'Hi {{name}}' }];

    it('is nothing: it is text in tags, never announced, and no model can be made of it', async () => {
      const name = await model([isPrompt]);
      expect(await create(name, { source: 'dummy-source', tags })).toMatchObject({
        version: '1',
        source: 'dummy-source',
      });
      expect((await create(name, { source: 'file.txt', tags }))[2]).toContain(
        'Prompt sources must use an MLflow placeholder.',
      );
      expect((await create(await model(), { source: `models:/${name}/1` }))[2]).toContain(
        'Prompt versions cannot be used',
      );
      const database = new pg.Client({ connectionString: registry.databaseUrl });
      await database.connect();
      const said = 'select aggregatetype from registry.outbox where aggregateid = $1';
      const { rows } = await database.query<{ aggregatetype: string }>(said, [name]);
      await database.end();
      expect(rows.filter(({ aggregatetype }) => aggregatetype === 'model.registered')).toEqual([]);
    });

    it('has a name that no model has', async () => {
      const [name, prompt] = [await model(), await model([isPrompt])];
      const again = async (taken: string, asPrompt: boolean) =>
        (
          await registry.call('POST', '/api/2.0/mlflow/registered-models/create', {
            name: taken,
            tags: asPrompt ? [isPrompt] : [],
          })
        ).body;
      expect((await again(prompt, true)).message).toBe(`Prompt (name=${prompt}) already exists.`);
      expect(await again(prompt, false)).toMatchObject({
        error_code: 'RESOURCE_ALREADY_EXISTS',
        message: expect.stringContaining(
          `registered model with name '${prompt}', but the name is already taken by a prompt`,
        ),
      });
      expect((await again(name, true)).message).toContain('already taken by a registered model');
    });

    it('is left out of searches that do not ask for prompts', async () => {
      const name = await model([isPrompt]);
      await create(name, { source: 'dummy-source', tags });
      const found = async (what: string, filter: string) =>
        Object.values(await registry.mlflow('GET', `${what}/search?filter=${encodeURIComponent(filter)}`)).length;
      const asked = "tags.`mlflow.prompt.is_prompt` = 'true' AND ";
      for (const what of ['registered-models', 'model-versions'])
        expect([await found(what, `name = '${name}'`), await found(what, `${asked}name = '${name}'`)]).toEqual([0, 1]);
    });
  });
});
