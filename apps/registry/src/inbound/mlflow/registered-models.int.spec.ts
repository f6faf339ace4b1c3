/* eslint-disable @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-return, @typescript-eslint/no-unsafe-call -- answers are asserted on, field by field */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, services, uniqueName } from '#testing';
import { registryUnderTest, type Json, type RegistryUnderTest } from '../../registry.behaviour.js';

describe.skipIf(!services().postgres)('registered models on the wire', () => {
  let registry: RegistryUnderTest;
  let run: { run_id: string; artifact_uri: string };
  const mlflow = (method: string, path: string, body?: unknown) => registry.mlflow(method, path, body);
  const refused = async (method: string, path: string, body?: unknown) => {
    const answer = await registry.call(method, `/api/2.0/mlflow/${path}`, body);
    return [answer.status, answer.body.error_code, answer.body.message] as unknown[];
  };
  const model = async (name: string) => (await mlflow('GET', `registered-models/get?name=${name}`)).registered_model;
  const modelWith = async (versions: number): Promise<string> => {
    const name = uniqueName('model');
    await mlflow('POST', 'registered-models/create', { name });
    for (let at = 0; at < versions; at++) await addVersion(name);
    return name;
  };
  const addVersion = async (name: string, more: object = {}): Promise<Json> => {
    const body = { name, source: `${run.artifact_uri}/model`, run_id: run.run_id, ...more };
    return (await mlflow('POST', 'model-versions/create', body)).model_version;
  };
  const stage = (name: string, version: string, to: string, archive_existing_versions = false) =>
    mlflow('POST', 'model-versions/transition-stage', { name, version, stage: to, archive_existing_versions });

  beforeAll(async () => {
    registry = await registryUnderTest();
    await eventually(() => registry.mlflow('GET', 'experiments/get?experiment_id=0'));
    run = (await mlflow('POST', 'runs/create', { experiment_id: '0', start_time: 1 })).run.info;
  });
  afterAll(async () => {
    await registry.close();
  });

  it('are made once, the last of two tags of one key counting', async () => {
    const name = uniqueName('model');
    const tags = [{ key: 'a', value: '1' }, { key: 'a', value: '2' }, { key: 'b' }];
    const { registered_model } = await mlflow('POST', 'registered-models/create', { name, tags, description: 'd' });
    expect(registered_model).toMatchObject({
      name,
      description: 'd',
      tags: [
        { key: 'a', value: '2' },
        { key: 'b', value: '' },
      ],
    });
    expect(await refused('POST', 'registered-models/create', { name })).toEqual([
      400,
      'RESOURCE_ALREADY_EXISTS',
      `Registered Model (name=${name}) already exists.`,
    ]);
    expect(await refused('GET', 'registered-models/get?name=a%2Fb')).toEqual([
      400,
      'INVALID_PARAMETER_VALUE',
      "Invalid model name 'a/b'. Names cannot contain '/' or ':'.",
    ]);
    expect(await refused('GET', 'registered-models/get?name=nobody')).toEqual([
      404,
      'RESOURCE_DOES_NOT_EXIST',
      'Registered Model with name=nobody not found',
    ]);
  });

  it('lose their description when an update sends none', async () => {
    const name = await modelWith(1);
    await mlflow('PATCH', 'registered-models/update', { name, description: 'd' });
    expect(await model(name)).toMatchObject({ description: 'd' });
    await mlflow('PATCH', 'registered-models/update', { name });
    expect(await model(name)).not.toHaveProperty('description');
    await mlflow('PATCH', 'model-versions/update', { name, version: '1' });
    const { model_version } = await mlflow('GET', `model-versions/get?name=${name}&version=1`);
    expect(model_version).not.toHaveProperty('description');
  });

  it('take tags that are fit, and let go of tags that are not there', async () => {
    const name = await modelWith(1);
    const before = await model(name);
    for (const [kind, key] of [
      ['registered-models', { name }],
      ['model-versions', { name, version: '1' }],
    ] as const) {
      await mlflow('POST', `${kind}/set-tag`, { ...key, key: 'k', value: 'v' });
      await mlflow('POST', `${kind}/set-tag`, { ...key, key: 'k' });
      expect((await refused('POST', `${kind}/set-tag`, { ...key, key: '../k', value: 'v' }))[0]).toBe(400);
      expect((await refused('POST', `${kind}/set-tag`, { ...key, name: 'nobody', key: 'k' }))[0]).toBe(404);
      await mlflow('DELETE', `${kind}/delete-tag`, { ...key, key: 'never-set' });
      expect((await refused('DELETE', `${kind}/delete-tag`, { ...key, name: 'nobody', key: 'k' }))[0]).toBe(404);
    }
    const after = await model(name);
    expect(after.tags).toEqual([{ key: 'k', value: '' }]);
    // Neither tags nor aliases are updates of the model.
    await mlflow('POST', 'registered-models/alias', { name, alias: 'best', version: '1' });
    expect(after.last_updated_timestamp).toBe(before.last_updated_timestamp);
  });

  it('show the newest version of each stage, without aliases, which single versions show', async () => {
    const name = await modelWith(3);
    await mlflow('POST', 'registered-models/alias', { name, alias: 'best', version: '2' });
    await stage(name, '1', 'staging');
    await stage(name, '2', 'Staging', true);
    const { latest_versions, aliases } = await model(name);
    const shown = latest_versions.map(({ version, current_stage }: Json) => [version, current_stage]);
    expect(shown).toEqual([
      ['1', 'Archived'],
      ['2', 'Staging'],
      ['3', 'None'],
    ]);
    expect(latest_versions[1]).not.toHaveProperty('aliases');
    expect(aliases).toEqual([{ alias: 'best', version: '2' }]);
    const latest = await mlflow('POST', 'registered-models/get-latest-versions', { name, stages: ['STAGING'] });
    expect(latest.model_versions).toMatchObject([{ version: '2', aliases: ['best'] }]);
    expect(await mlflow('POST', 'registered-models/get-latest-versions', { name, stages: ['Production'] })).toEqual({});
    expect((await refused('POST', 'registered-models/get-latest-versions', { name, stages: ['x'] }))[0]).toBe(400);
  });

  it('refuse to archive the versions of a stage that is not active', async () => {
    const name = await modelWith(1);
    for (const to of ['None', 'archived']) {
      const body = { name, version: '1', stage: to, archive_existing_versions: true };
      const [status, , message] = await refused('POST', 'model-versions/transition-stage', body);
      expect([status, message]).toEqual([400, expect.stringContaining('is not an Active stage')]);
    }
  });

  it('have aliases that move, and `latest` that nobody sets', async () => {
    const name = await modelWith(2);
    const set = (alias: string, version: string) =>
      refused('POST', 'registered-models/alias', { name, alias, version });
    const get = (alias: string) =>
      registry.call('GET', `/api/2.0/mlflow/registered-models/alias?name=${name}&alias=${alias}`);
    await set('best', '1');
    await set('best', '2');
    expect((await get('best')).body.model_version).toMatchObject({ version: '2', aliases: ['best'] });
    expect((await get('LATEST')).body.model_version).toMatchObject({ version: '2' });
    expect((await get('nobody')).body.error_code).toBe('INVALID_PARAMETER_VALUE');
    expect((await set('latest', '1'))[2]).toBe("'latest' alias name (case insensitive) is reserved.");
    expect((await set('v1', '1'))[2]).toBe("Version alias name 'v1' is reserved.");
    expect((await set('best', '9')).slice(0, 2)).toEqual([404, 'RESOURCE_DOES_NOT_EXIST']);
    expect((await set('best', 'x'))[2]).toBe("Parameter 'version' must be an integer, got 'x'.");
    await mlflow('DELETE', 'registered-models/alias', { name, alias: 'best' });
    await mlflow('DELETE', 'registered-models/alias', { name, alias: 'best' });
  });

  it('never use the number of a deleted version again, and lose its aliases', async () => {
    const name = await modelWith(2);
    await mlflow('POST', 'registered-models/alias', { name, alias: 'best', version: '2' });
    await mlflow('DELETE', 'model-versions/delete', { name, version: '2' });
    expect(await refused('DELETE', 'model-versions/delete', { name, version: '2' })).toEqual([
      404,
      'RESOURCE_DOES_NOT_EXIST',
      `Model Version (name=${name}, version=2) not found`,
    ]);
    const { aliases, latest_versions } = await model(name);
    expect([aliases, latest_versions.length]).toEqual([undefined, 1]);
    expect((await addVersion(name)).version).toBe('3');
  });

  it('are renamed with their versions, unless the name is taken', async () => {
    const [name, other] = [await modelWith(2), await modelWith(0)];
    await mlflow('POST', 'registered-models/alias', { name, alias: 'best', version: '1' });
    expect((await refused('POST', 'registered-models/rename', { name, new_name: other }))[1]).toBe(
      'RESOURCE_ALREADY_EXISTS',
    );
    expect((await refused('POST', 'registered-models/rename', { name, new_name: ' ' }))[2]).toBe(
      "Missing value for required parameter 'new_name'.",
    );
    const renamed = `${name}-renamed`;
    await mlflow('POST', 'registered-models/rename', { name, new_name: renamed });
    expect((await refused('GET', `registered-models/get?name=${name}`))[0]).toBe(404);
    const { model_version } = await mlflow('GET', `registered-models/alias?name=${renamed}&alias=best`);
    expect(model_version).toMatchObject({ name: renamed, version: '1' });
    await mlflow('DELETE', 'registered-models/delete', { name: renamed });
    expect((await refused('DELETE', 'registered-models/delete', { name: renamed }))[0]).toBe(404);
    expect((await refused('GET', `model-versions/get?name=${renamed}&version=1`))[0]).toBe(404);
  });
});
