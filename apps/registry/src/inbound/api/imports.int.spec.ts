/* eslint-disable @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-member-access -- answers are asserted on, field by field */
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, services } from '#testing';
import { registryUnderTest, type RegistryUnderTest } from '../../registry.behaviour.js';

const times = { creationTime: 1_600_000_000_001, lastUpdateTime: 1_600_000_000_002 };
const modelId = `m-${'a'.repeat(32)}`;
const version = {
  ...times,
  description: 'd',
  userId: null,
  stage: 'Production',
  status: 'READY',
  statusMessage: null,
  source: `models:/${modelId}`,
  storageLocation: `mlflow-artifacts:/0/models/${modelId}/artifacts`,
  runId: 'r1',
  runLink: null,
  modelId,
  tags: [{ key: 't', value: '1' }],
  aliases: ['champion'],
};
const run = {
  experimentId: '0',
  runName: 'old',
  userId: 'me',
  status: 'FINISHED',
  startTime: 5,
  endTime: 9,
  lifecycle: 'deleted',
  params: [{ key: 'p', value: '1' }],
  tags: [{ key: 'k', value: 'v' }],
};

describe.skipIf(!services().postgres)('the import API', () => {
  let registry: RegistryUnderTest;
  beforeAll(async () => {
    registry = await registryUnderTest({ WEBHOOKS_ALLOW_PRIVATE: 'true' });
    await eventually(() => registry.mlflow('GET', 'experiments/get?experiment_id=0'));
  });
  afterAll(() => registry.close());

  const put = (path: string, body: object) => registry.call('PUT', `/api/v1/import/${path}`, body);

  it('keeps the id of an experiment when it is free, else gives one that no other of the source has', async () => {
    const body = { ...times, name: 'a', tags: [{ key: 't', value: '1' }], lifecycle: 'deleted', above: 40 };
    expect((await put('experiments/7', body)).body).toEqual({
      experimentId: '7',
      artifactLocation: 'mlflow-artifacts:/7',
    });
    expect((await put('experiments/7', body)).body.experimentId).toBe('7');
    expect((await put('experiments/7', { ...body, name: 'b' })).body.experimentId).toBe('41');
    expect((await put('experiments/8', { ...body, creationTime: 1 })).status).toBe(409);
    expect((await put('experiments/x', body)).status).toBe(400);
    expect((await put('experiments/0', { ...body, name: 'Default' })).body.experimentId).toBe('0');
    const { experiment } = await registry.mlflow('GET', 'experiments/get?experiment_id=7');
    expect(experiment).toMatchObject({ lifecycle_stage: 'deleted', creation_time: times.creationTime });
    expect((await registry.mlflow('POST', 'experiments/create', { name: 'next' })).experiment_id).toBe('42');
  });

  it('writes a run once, with its data, and lets one that had not ended be written again', async () => {
    expect(await put('runs/r1', { ...run, status: 'RUNNING', endTime: null })).toMatchObject({ status: 200 });
    const points = [1, 2].map((step) => ({ key: 'm', value: step === 2 ? 'NaN' : 0.5, timestamp: step, step }));
    for (let again = 0; again < 2; again += 1)
      expect((await registry.call('POST', '/api/v1/import/runs/r1/metrics', { metrics: points })).status).toBe(204);
    expect((await put('runs/r1', run)).body).toEqual({ artifactUri: 'mlflow-artifacts:/0/r1/artifacts' });
    expect((await put('runs/r1', { ...run, status: 'FAILED' })).status).toBe(200);
    const written = (await registry.mlflow('GET', 'runs/get?run_id=r1')).run;
    expect(written).toMatchObject({
      info: { status: 'FINISHED', start_time: 5, end_time: 9, lifecycle_stage: 'deleted', run_name: 'old' },
      data: { params: run.params, metrics: [{ key: 'm', value: 'NaN', step: 2 }] },
    });
    expect((await registry.mlflow('GET', 'metrics/get-history?run_id=r1&metric_key=m')).metrics).toHaveLength(2);
    expect((await put('runs/r1', { ...run, startTime: 6 })).status).toBe(409);
    expect((await put('runs/r2', { ...run, experimentId: '99' })).status).toBe(404);
    expect((await put('runs/..%2Fr', run)).status).toBe(400);
    expect((await registry.call('POST', '/api/v1/import/runs/no/metrics', { metrics: points })).status).toBe(404);
  });

  it('writes versions under their numbers, and tells and promotes nothing', async () => {
    const events = ['registered_model.created', 'model_version.created', 'model_version_alias.created'];
    const webhook = { name: 'w', url: 'https://127.0.0.1:9', events: [...events, 'model_version_stage.transitioned'] };
    const { body: subscribed } = await registry.call('POST', '/api/v1/webhooks', webhook);
    const logged = { ...times, experimentId: '0', name: 'm', modelType: null, sourceRunId: 'r1', statusMessage: null };
    const ready = { ...logged, status: 'LOGGED_MODEL_READY', params: run.params, tags: run.tags };
    const statusNow = async (): Promise<unknown> =>
      (await registry.mlflow('GET', `logged-models/${modelId}`)).model.info.status;
    expect((await put(`logged-models/${modelId}`, { ...ready, status: 'LOGGED_MODEL_PENDING' })).status).toBe(200);
    expect(await statusNow()).toBe('LOGGED_MODEL_PENDING');
    for (const status of ['LOGGED_MODEL_READY', 'LOGGED_MODEL_UPLOAD_FAILED', 'LOGGED_MODEL_PENDING']) {
      expect((await put(`logged-models/${modelId}`, { ...ready, status })).status).toBe(200);
      expect(await statusNow()).toBe('LOGGED_MODEL_READY');
    }
    expect((await put(`logged-models/${modelId}`, { ...ready, creationTime: 1 })).status).toBe(409);
    expect((await put('logged-models/m-1', ready)).status).toBe(400);
    const model = { ...times, description: null, tags: [{ key: 'o', value: 'me' }] };
    expect((await put('models/Iris', model)).status).toBe(204);
    expect((await put('models/Iris', { ...model, creationTime: 1 })).status).toBe(409);
    for (let again = 0; again < 2; again += 1)
      expect(await put('models/Iris/versions/3', version)).toMatchObject({
        status: 200,
        body: { version: 3, servable: false, notServableReason: expect.any(String) },
      });
    expect((await put('models/Iris/versions/3', { ...version, source: 's3://x' })).status).toBe(409);
    expect((await put('models/Iris/versions/4', { ...version, storageLocation: 'file:///etc' })).status).toBe(400);
    expect((await put('models/Iris/versions/0', version)).status).toBe(400);
    expect((await put('models/nobody/versions/1', version)).status).toBe(404);
    const { model_version } = await registry.mlflow('GET', 'model-versions/get?name=Iris&version=3');
    expect(model_version).toMatchObject({
      current_stage: 'Production',
      aliases: ['champion'],
      creation_timestamp: times.creationTime,
      last_updated_timestamp: times.lastUpdateTime,
    });
    expect((await registry.call('GET', '/api/v1/models/Iris')).body.promoted).toEqual({ version: null, generation: 0 });
    const { deliveries } = (await registry.call('GET', `/api/v1/webhooks/${String(subscribed.id)}/deliveries`)).body;
    expect(deliveries).toEqual([]);
    const client = new pg.Client({ connectionString: registry.databaseUrl });
    await client.connect();
    expect((await client.query('select 1 from registry.outbox')).rows).toEqual([]);
    await client.end();
    const next = { name: 'Iris', source: `models:/${modelId}`, model_id: modelId };
    expect((await registry.mlflow('POST', 'model-versions/create', next)).model_version.version).toBe('4');
  });
});
