/* eslint-disable @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-return, @typescript-eslint/no-unsafe-call -- answers are asserted on, field by field */
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ModelRegistered } from '#contracts';
import { eventually, services, uniqueName } from '#testing';
import { ApplyPromotionPolicy } from './core/apply-promotion-policy.js';
import { registryUnderTest, trainAndRegister, type Json, type RegistryUnderTest } from './registry.behaviour.js';

describe.skipIf(!services().postgres)('the registry over HTTP', () => {
  let registry: RegistryUnderTest;
  let database: pg.Client;
  const request = (id: string, promote = 'policy') => [
    { key: 'baton.requestId', value: id },
    { key: 'baton.promote', value: promote },
  ];
  const promoted = async (name: string): Promise<Json[]> =>
    (
      await database.query(
        `select payload, headers from registry.outbox where aggregatetype = 'model.promoted' and aggregateid = $1 order by position`,
        [name],
      )
    ).rows;

  beforeAll(async () => {
    registry = await registryUnderTest();
    database = new pg.Client({ connectionString: registry.databaseUrl });
    await database.connect();
    await eventually(() => registry.mlflow('GET', 'experiments/get?experiment_id=0'));
  });
  afterAll(async () => {
    await database.end();
    await registry.close();
  });

  it("freezes and promotes what a training request's trainer registers", async () => {
    const name = uniqueName('model');
    const id = crypto.randomUUID();
    const { version, runId } = await trainAndRegister(registry, name, 0.5, request(id));
    expect(version).toMatchObject({ name, version: '1', status: 'READY', current_stage: 'None', run_id: runId });
    await eventually(async () => {
      expect(await promoted(name)).toHaveLength(1);
    });
    const [{ payload }] = await promoted(name);
    expect(payload).toMatchObject({
      model: name,
      version: 1,
      generation: 1,
      runId,
      cause: 'policy',
      previousVersion: null,
      signature: { inputs: [{ name: 'features', datatype: 'FP32', shape: [-1, 4] }] },
    });
    expect(payload.signature.columns[0]).toMatchObject({ name: 'sepal length (cm)', type: 'double' });
    expect(payload.artifact.key).toBe(`sha256/${String(payload.artifact.sha256)}`);
    const { model_version } = await registry.mlflow('GET', `model-versions/get?name=${name}&version=1`);
    expect(model_version).toMatchObject({ current_stage: 'Production', aliases: ['champion'] });
    // The relay has sent it.
    await eventually(async () => {
      const { rows } = await database.query(`select 1 from registry.outbox where published_at is null`);
      expect(rows).toHaveLength(0);
    });
  });

  it('makes one run and one version per training request, however often it is asked', async () => {
    const name = uniqueName('model');
    const tags = request(crypto.randomUUID());
    const first = await trainAndRegister(registry, name, 0.1, tags);
    const again = await trainAndRegister(registry, name, 0.2, tags);
    expect(again.runId).toBe(first.runId);
    expect(again.version.version).toBe('1');
    const { model_versions } = await registry.mlflow('GET', `model-versions/search?filter=name%3D'${name}'`);
    expect(model_versions).toHaveLength(1);
  });

  it('leaves alone what a client registers or a request wants not promoted', async () => {
    const name = uniqueName('model');
    await trainAndRegister(registry, name, 0.3);
    await trainAndRegister(registry, name, 0.4, request(crypto.randomUUID(), 'never'));
    await eventually(async () => {
      const { rows } = await database.query('select 1 from registry.policy_decisions where name = $1', [name]);
      expect(rows).toHaveLength(2);
    });
    expect(await promoted(name)).toHaveLength(0);
    const { versions } = (await registry.call('GET', `/api/v1/models/${name}`)).body;
    expect(versions.map(({ policyDecision }: Json) => policyDecision.reason)).toEqual([
      expect.stringContaining('asked not to be promoted'),
      expect.stringContaining('manual'),
    ]);
  });

  it('holds a gate: better than production or not at all', async () => {
    const name = uniqueName('model');
    const policy = { kind: 'gate', metric: 'accuracy', direction: 'higher', minimum: 0.5, betterThanProduction: true };
    const put = await registry.call('PUT', `/api/v1/models/${name}/policy`, policy);
    expect(put).toMatchObject({ status: 200, body: policy });
    for (const weight of [0.4, 0.6, 0.55, 0.7])
      await trainAndRegister(registry, name, weight, request(crypto.randomUUID()));
    await eventually(async () => {
      expect((await promoted(name)).map(({ payload }) => payload.version)).toEqual([2, 4]);
    });
  });

  it('promotes by any door, rolls back, retires, and never restarts a generation', async () => {
    const name = uniqueName('model');
    for (const weight of [0.11, 0.12, 0.13]) await trainAndRegister(registry, name, weight);
    const api = `/api/v1/models/${name}`;
    const by = async (call: Promise<{ status: number; body: Json }>) => {
      const { status, body } = await call;
      return [status, body.version, body.generation, body.cause] as unknown[];
    };
    expect(await by(registry.call('POST', `${api}/promotions`, { version: 1, reason: 'first' }))).toEqual([
      201,
      1,
      1,
      'request',
    ]);
    await registry.mlflow('POST', 'model-versions/transition-stage', {
      name,
      version: '2',
      stage: 'production',
      archive_existing_versions: true,
    });
    await registry.mlflow('POST', 'registered-models/alias', { name, alias: 'champion', version: '2' });
    await registry.mlflow('POST', 'registered-models/alias', { name, alias: 'champion', version: '3' });
    const latest = await registry.mlflow('POST', 'registered-models/get-latest-versions', {
      name,
      stages: ['Production'],
    });
    // An alias changes no stage.
    expect(latest.model_versions.map(({ version }: Json) => version)).toEqual(['2']);
    expect(await by(registry.call('POST', `${api}/rollback`, { reason: 'worse' }))).toEqual([201, 2, 4, 'rollback']);
    expect(await by(registry.call('POST', `${api}/rollback`, {}))).toEqual([201, 1, 5, 'rollback']);
    expect((await registry.call('POST', `${api}/rollback`, {})).body.code).toBe('NOTHING_TO_ROLL_BACK_TO');
    expect(await registry.call('DELETE', `${api}/promotions`)).toMatchObject({ status: 200, body: { generation: 6 } });
    expect((await registry.call('DELETE', `${api}/promotions`)).status).toBe(409);
    await registry.mlflow('DELETE', 'registered-models/delete', { name });
    await trainAndRegister(registry, name, 0.14);
    const [again] = (await registry.call('GET', api)).body.versions;
    expect(await by(registry.call('POST', `${api}/promotions`, { version: again.version }))).toEqual([
      201,
      4,
      7,
      'request',
    ]);
    const said = await promoted(name);
    expect(said.map(({ payload, headers }) => payload?.generation ?? Number(headers.ce_generation))).toEqual([
      1, 2, 3, 4, 5, 6, 7,
    ]);
    expect(said[5].payload).toBeNull();
    const { body } = await registry.call('GET', `${api}/promotions`);
    expect(body.promotions.map(({ cause }: Json) => cause)).toEqual([
      'request',
      'retired',
      'rollback',
      'rollback',
      'alias',
      'stage',
      'request',
    ]);
  });

  it('gives concurrent promotions generations without a gap and one outbox row each', async () => {
    const name = uniqueName('model');
    for (const weight of [0.21, 0.22, 0.23]) await trainAndRegister(registry, name, weight);
    const wishes = Array.from({ length: 24 }, (_, at) =>
      registry.call('POST', `/api/v1/models/${name}/promotions`, { version: (at % 3) + 1 }),
    );
    const answers = await Promise.all(wishes);
    const generations = answers.map(({ body }) => body.generation as number).sort((a, b) => a - b);
    expect(generations).toEqual(Array.from({ length: 24 }, (_, at) => at + 1));
    const said = await promoted(name);
    expect(said.map(({ payload }) => payload.generation)).toEqual(generations);
    const last = said.at(-1).payload.version as number;
    const { body } = await registry.call('GET', `/api/v1/models/${name}`);
    expect(body.promoted).toEqual({ version: last, generation: 24 });
    const production = body.versions.filter(({ stage }: Json) => stage === 'Production');
    expect(production.map(({ version }: Json) => version)).toEqual([last]);
  });

  it('decides once about one registration, however often it is heard', async () => {
    const name = uniqueName('model');
    await trainAndRegister(registry, name, 0.31);
    await eventually(async () => {
      const { rows } = await database.query('select 1 from registry.policy_decisions where name = $1', [name]);
      expect(rows).toHaveLength(1);
    });
    await registry.call('PUT', `/api/v1/models/${name}/policy`, { kind: 'always' });
    await trainAndRegister(registry, name, 0.32);
    const { rows } = await database.query<{ id: string; payload: ModelRegistered }>(
      `select id, payload from registry.outbox where aggregatetype = 'model.registered' and aggregateid = $1 order by position`,
      [name],
    );
    await eventually(async () => {
      expect(await promoted(name)).toHaveLength(1);
    });
    const policy = registry.app.get(ApplyPromotionPolicy);
    const heardAgain = [...rows, ...rows].map(({ id, payload }) => policy.execute(id, payload));
    expect((await Promise.all(heardAgain)).map((decision) => decision.promoted)).toEqual([false, true, false, true]);
    expect((await promoted(name)).map(({ payload }) => payload.version)).toEqual([2]);
  });

  it('takes what has no ONNX, but its promotion waits', async () => {
    const name = uniqueName('model');
    await registry.mlflow('POST', 'registered-models/create', { name });
    const { run } = await registry.mlflow('POST', 'runs/create', { experiment_id: '0' });
    const source = `${String(run.info.artifact_uri)}/model`;
    await registry.mlflow('POST', 'model-versions/create', { name, source, run_id: run.info.run_id });
    const waits = await registry.call('POST', `/api/v1/models/${name}/promotions`, { version: '1' });
    expect(waits.status).toBe(202);
    expect(waits.body).toMatchObject({ model: name, pending: { version: 1, cause: 'request' } });
    expect(waits.body.pending.why).toContain('no MLmodel file');
    const refused = await registry.call('POST', `/api/v1/models/${name}/rollback`, { to: 1 });
    expect([refused.status, refused.body.code]).toEqual([409, 'VERSION_NOT_SERVABLE']);
    await registry.mlflow('POST', 'model-versions/transition-stage', {
      name,
      version: '1',
      stage: 'Production',
      archive_existing_versions: false,
    });
    expect(await promoted(name)).toHaveLength(0);
  });
});
