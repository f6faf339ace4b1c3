/* eslint-disable @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-return, @typescript-eslint/no-unsafe-call, @typescript-eslint/restrict-template-expressions -- answers are asserted on, field by field */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, services, uniqueName } from '#testing';
import { registryUnderTest, trainAndRegister, type Json, type RegistryUnderTest } from '../../registry.behaviour.js';

describe.skipIf(!services().postgres)('logged models on the wire', () => {
  let registry: RegistryUnderTest;
  const refused = async (method: string, path: string, body?: unknown) => {
    const answer = await registry.call(method, `/api/2.0/mlflow/${path}`, body);
    return [answer.status, answer.body.error_code, answer.body.message] as unknown[];
  };
  const make = async (more: object = {}): Promise<Json> =>
    (await registry.mlflow('POST', 'logged-models', { experiment_id: '0', ...more })).model;

  beforeAll(async () => {
    registry = await registryUnderTest();
    await eventually(() => registry.mlflow('GET', 'experiments/get?experiment_id=0'));
  });
  afterAll(async () => {
    await registry.close();
  });

  it('get a name when they are given none, and the rules of names and experiments hold', async () => {
    const { info } = await make();
    expect(info).toMatchObject({ name: expect.stringMatching(/^\w+-\w+-\d+$/), model_type: '', source_run_id: '' });
    expect(info).toMatchObject({
      status: 'LOGGED_MODEL_PENDING',
      artifact_uri: `mlflow-artifacts:/0/models/${info.model_id}/artifacts`,
    });
    for (const name of ['a/b', 'a:b', 'a.b', 'a%b', 'a"b', "a'b"])
      expect((await refused('POST', 'logged-models', { experiment_id: '0', name }))[2]).toContain('Invalid model name');
    const { experiment_id } = await registry.mlflow('POST', 'experiments/create', { name: uniqueName('gone') });
    await registry.mlflow('POST', 'experiments/delete', { experiment_id });
    expect(await refused('POST', 'logged-models', { experiment_id })).toEqual([
      400,
      'INVALID_PARAMETER_VALUE',
      `The experiment ${String(experiment_id)} must be in the 'active' state. Current state is deleted.`,
    ]);
  });

  it('are finished by name or number', async () => {
    const { model_id } = (await make()).info;
    const finish = async (status: unknown) =>
      (await registry.mlflow('PATCH', `logged-models/${String(model_id)}`, { model_id, status })).model.info.status;
    expect(await finish('LOGGED_MODEL_UPLOAD_FAILED')).toBe('LOGGED_MODEL_UPLOAD_FAILED');
    expect(await finish(2)).toBe('LOGGED_MODEL_READY');
    expect((await refused('PATCH', `logged-models/${String(model_id)}`, { model_id }))[0]).toBe(400);
    expect((await refused('PATCH', 'logged-models/m-nope', { model_id: 'm-nope', status: 2 }))[2]).toBe(
      "Logged model with ID 'm-nope' not found.",
    );
  });

  it('have tags that may change and params that may not', async () => {
    const path = `logged-models/${String((await make({ params: [{ key: 'p', value: '1' }] })).info.model_id)}`;
    const tags = [
      { key: 'a', value: '1' },
      { key: 'a', value: '2' },
    ];
    expect(await registry.mlflow('PATCH', `${path}/tags`, { tags })).toEqual({});
    await registry.mlflow('POST', `${path}/params`, { params: [{ key: 'q', value: '1' }] });
    expect((await refused('POST', `${path}/params`, { params: [{ key: 'p', value: '2' }] }))[0]).toBe(400);
    const { model } = await registry.mlflow('GET', path);
    expect([model.info.tags, model.data.params]).toEqual([
      [{ key: 'a', value: '2' }],
      [
        { key: 'p', value: '1' },
        { key: 'q', value: '1' },
      ],
    ]);
    await registry.mlflow('DELETE', `${path}/tags/a`);
    expect((await refused('DELETE', `${path}/tags/a`)).slice(0, 2)).toEqual([404, 'RESOURCE_DOES_NOT_EXIST']);
  });

  it('are gone when deleted, unless they are asked for', async () => {
    const { model_id } = (await make()).info;
    const path = `logged-models/${String(model_id)}`;
    await registry.mlflow('DELETE', path);
    expect((await refused('GET', path))[0]).toBe(404);
    expect((await registry.mlflow('GET', `${path}?allow_deleted=true`)).model.info.model_id).toBe(model_id);
    expect((await refused('GET', `${path}/artifacts/directories`))[0]).toBe(404);
    // As in MLflow, writing to it still works.
    await registry.mlflow('DELETE', path);
    await registry.mlflow('PATCH', `${path}/tags`, { tags: [{ key: 'a', value: '1' }] });
  });

  it('show their files, below the run that logged them too, and the version they became', async () => {
    const name = uniqueName('model');
    const { runId, modelId, version } = await trainAndRegister(registry, name, 0.5);
    const listed = await registry.mlflow('GET', `logged-models/${modelId}/artifacts/directories`);
    expect(listed.root_uri).toBe(`mlflow-artifacts:/0/models/${modelId}/artifacts`);
    expect(listed.files.map(({ path }: Json) => path as string)).toEqual(['MLmodel', 'model.onnx']);
    expect(
      (await refused('GET', `logged-models/${modelId}/artifacts/directories?artifact_directory_path=..%2F..`)).slice(
        0,
        2,
      ),
    ).toEqual([400, 'INVALID_PARAMETER_VALUE']);
    const ofRun = async (path: string) =>
      (await registry.mlflow('GET', `artifacts/list?run_id=${runId}${path}`)).files ?? [];
    expect(await ofRun('')).toEqual([{ path: 'model', is_dir: true }]);
    expect(await ofRun('&path=model')).toMatchObject([
      { path: 'model/MLmodel', is_dir: false },
      { path: 'model/model.onnx' },
    ]);
    expect(await ofRun('&path=other')).toEqual([]);
    const { model } = await registry.mlflow('GET', `logged-models/${modelId}`);
    expect(model.info.tags).toContainEqual({
      key: 'mlflow.modelVersions',
      value: `[{"name": "${name}", "version": ${String(version.version)}}]`,
    });
    expect(version).toMatchObject({ run_id: runId, model_id: modelId, source: `models:/${modelId}` });
  });
});
