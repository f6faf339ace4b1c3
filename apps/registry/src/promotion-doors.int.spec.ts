/* eslint-disable @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-return, @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-argument -- answers are asserted on, field by field */
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, services, uniqueName } from '#testing';
import { registryUnderTest, trainAndRegister, type Json, type RegistryUnderTest } from './registry.behaviour.js';

/** Enough to meet every pair of doors. */
const TRIES = 240;

describe.skipIf(!services().postgres)('promotion by any door', () => {
  let registry: RegistryUnderTest;
  let database: pg.Client;

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

  /** What was said of a model: the version of each generation, null for a retirement. */
  const said = async (name: string): Promise<[number, number | null][]> => {
    const { rows } = await database.query(
      `select payload, headers from registry.outbox where aggregatetype = 'model.promoted' and aggregateid = $1
       order by position`,
      [name],
    );
    return rows.map(({ payload, headers }: Json) => [
      payload?.generation ?? Number(headers.ce_generation),
      payload?.version ?? null,
    ]);
  };
  const stage = (name: string, version: number, to: string, archive = false) =>
    registry.mlflow('POST', 'model-versions/transition-stage', {
      name,
      version: String(version),
      stage: to,
      archive_existing_versions: archive,
    });
  const champion = (name: string, version: number) =>
    registry.mlflow('POST', 'registered-models/alias', { name, alias: 'champion', version: String(version) });
  const labels = async (name: string): Promise<Json> => {
    const { model_versions } = await registry.mlflow('GET', `model-versions/search?filter=name%3D'${name}'`);
    const { registered_model } = await registry.mlflow('GET', `registered-models/get?name=${name}`);
    const aliases = (version: string) =>
      (registered_model.aliases ?? []).filter((a: Json) => a.version === version).map(({ alias }: Json) => alias);
    return Object.fromEntries(model_versions.map((v: Json) => [v.version, [v.current_stage, ...aliases(v.version)]]));
  };
  const model = async (name: string): Promise<Json> => (await registry.call('GET', `/api/v1/models/${name}`)).body;
  const withVersions = async (count: number): Promise<string> => {
    const name = uniqueName('model');
    for (let at = 1; at <= count; at++) await trainAndRegister(registry, name, at / 100);
    return name;
  };

  it('tells predictors the tags of the model and the input example of the version', async () => {
    const name = uniqueName('model');
    const { modelId, version } = await trainAndRegister(registry, name, 1);
    for (const [key, value] of [
      ['tier', 'gold'],
      ['notes', 'x'.repeat(256)],
    ])
      await registry.mlflow('POST', 'registered-models/set-tag', { name, key, value });
    const { model: logged } = await registry.mlflow('GET', `logged-models/${modelId}`);
    const folder = (logged.info.artifact_uri as string).replace('mlflow-artifacts:/', '');
    const put = (file: string, body: string) =>
      fetch(`${registry.url}/api/2.0/mlflow-artifacts/artifacts/${folder}/${file}`, { method: 'PUT', body });
    await put('serving.json', '{"inputs": [[1, 2, 3, 4]]}');
    const { model_version } = await registry.mlflow('POST', 'model-versions/create', {
      name,
      source: version.source,
      model_id: modelId,
    });
    await put(
      'MLmodel',
      'flavors: {onnx: {data: model.onnx}}\nsaved_input_example_info: {serving_input_path: serving.json}',
    );
    const third = await registry.mlflow('POST', 'model-versions/create', {
      name,
      source: version.source,
      model_id: modelId,
    });
    for (const made of [model_version, third.model_version]) await champion(name, Number(made.version));
    const { rows } = await database.query(
      `select payload from registry.outbox where aggregatetype = 'model.promoted' and aggregateid = $1 order by position`,
      [name],
    );
    const inputExample = { inputs: [[1, 2, 3, 4]] };
    expect(rows.map(({ payload }: Json) => payload)).toMatchObject([
      { version: 2, tags: { tier: 'gold' } },
      { version: 3, tags: { tier: 'gold' }, inputExample },
    ]);
    expect(rows.map(({ payload }: Json) => [Object.keys(payload.tags), 'inputExample' in payload])).toEqual([
      [['tier'], false],
      [['tier'], true],
    ]);
    const shown = (number: number | string) =>
      registry.call('GET', `/api/v1/models/${name}/versions/${String(number)}`);
    expect((await shown(3)).body).toMatchObject({ model: name, version: 3, servable: true, inputExample });
    expect((await shown(9)).body).toMatchObject({ status: 404, code: 'VERSION_NOT_FOUND' });
    expect((await shown('x')).body).toMatchObject({ status: 400, code: 'REQUEST_INVALID' });
  });

  it("has MLflow's effects on the labels and no other when a client is at the door", async () => {
    const name = await withVersions(3);
    await stage(name, 1, 'Production');
    await stage(name, 2, 'Production');
    expect(await labels(name)).toEqual({ 1: ['Production'], 2: ['Production'], 3: ['None'] });
    await champion(name, 3);
    expect(await labels(name)).toEqual({ 1: ['Production'], 2: ['Production'], 3: ['None', 'champion'] });
    expect(await model(name)).toMatchObject({
      promoted: { version: 3, generation: 3 },
      agreement: { pointer: 3, production: [1, 2], champion: 3, agree: false },
    });
    expect((await model(name)).agreement.differs).toMatch(/^Version 3 is promoted, but versions 1, 2 are in stage/);
    await stage(name, 1, 'Production', true);
    expect(await labels(name)).toEqual({ 1: ['Production'], 2: ['Archived'], 3: ['None', 'champion'] });
    expect(await said(name)).toEqual([[1, 1], [2, 2], [3, 3], [4, 1]]); // prettier-ignore
  });

  it('makes labels and pointer agree when our own door is used, and again when the model is retired', async () => {
    const name = await withVersions(3);
    await stage(name, 1, 'Production');
    await stage(name, 3, 'Production');
    const api = `/api/v1/models/${name}`;
    expect((await registry.call('POST', `${api}/promotions`, { version: 2 })).status).toBe(201);
    expect(await labels(name)).toEqual({ 1: ['Archived'], 2: ['Production', 'champion'], 3: ['Archived'] });
    expect((await model(name)).agreement).toEqual({
      pointer: 2,
      production: [2],
      champion: 2,
      agree: true,
      differs: null,
    });
    expect((await registry.call('POST', `${api}/rollback`, {})).body).toMatchObject({ version: 3, generation: 4 });
    expect(await labels(name)).toEqual({ 1: ['Archived'], 2: ['Archived'], 3: ['Production', 'champion'] });
    expect((await registry.call('DELETE', `${api}/promotions?reason=enough`)).body).toEqual({
      model: name,
      generation: 5,
    });
    expect(await labels(name)).toEqual({ 1: ['Archived'], 2: ['Archived'], 3: ['Archived'] });
    expect((await model(name)).agreement.agree).toBe(true);
  });

  it('says nothing when a wish is repeated', async () => {
    const name = await withVersions(1);
    for (let times = 0; times < 3; times++) await stage(name, 1, 'production', true);
    await champion(name, 1);
    await champion(name, 1);
    expect(await said(name)).toEqual([[1, 1]]);
    expect((await model(name)).agreement.agree).toBe(true);
  });

  it('retires what is archived, deleted or loses its alias, and goes on counting', async () => {
    const name = await withVersions(3);
    const by = (call: Promise<Json>) => call;
    await stage(name, 1, 'Production');
    await stage(name, 1, 'Archived');
    await champion(name, 2);
    await stage(name, 2, 'Staging');
    await by(registry.mlflow('DELETE', 'registered-models/alias', { name, alias: 'champion' }));
    await stage(name, 2, 'Production');
    await by(registry.mlflow('DELETE', 'model-versions/delete', { name, version: '2' }));
    await champion(name, 3);
    await by(registry.mlflow('DELETE', 'registered-models/delete', { name }));
    await trainAndRegister(registry, name, 0.09);
    await champion(name, 4);
    const history = [[1, 1], [2, null], [3, 2], [4, null], [5, 2], [6, null], [7, 3], [8, null], [9, 4]]; // prettier-ignore
    expect(await said(name)).toEqual(history);
    const { promotions } = (await registry.call('GET', `/api/v1/models/${name}/promotions`)).body;
    expect(promotions.map(({ reason }: Json) => reason).reverse()).toEqual([
      'stage set to Production',
      'version 1 was archived',
      'alias champion set',
      'the alias champion was deleted',
      'stage set to Production',
      'version 2 was deleted',
      'alias champion set',
      'the model was deleted',
      'alias champion set',
    ]);
    expect(promotions[0]).toMatchObject({ previousVersion: null, promotedBy: 'node', cause: 'alias' });
  });

  it('retires the old name and promotes under the new one when a model is renamed', async () => {
    const name = await withVersions(2);
    const renamed = uniqueName('model');
    await stage(name, 1, 'Production');
    await stage(name, 2, 'Production');
    await registry.mlflow('POST', 'registered-models/rename', { name, new_name: renamed });
    expect(await said(name)).toEqual([[1, 1], [2, 2], [3, null]]); // prettier-ignore
    expect(await said(renamed)).toEqual([[1, 2]]);
    expect(await labels(renamed)).toEqual({ 1: ['Production'], 2: ['Production'] });
    await registry.mlflow('POST', 'registered-models/rename', { name: renamed, new_name: name });
    expect(await said(name)).toEqual([[1, 1], [2, 2], [3, null], [4, 2]]); // prettier-ignore
  });

  it('tells who was in production when, page by page', async () => {
    const name = await withVersions(2);
    const api = `/api/v1/models/${name}/promotions`;
    const before = new Date().toISOString();
    await new Promise((resolve) => setTimeout(resolve, 5));
    await champion(name, 1);
    const [first] = (await registry.call('GET', api)).body.promotions;
    await new Promise((resolve) => setTimeout(resolve, 5));
    await champion(name, 2);
    await registry.mlflow('DELETE', 'registered-models/alias', { name, alias: 'champion' });
    const at = async (moment: string) => (await registry.call('GET', `${api}?at=${encodeURIComponent(moment)}`)).body;
    expect(await at(before)).toEqual({ model: name, at: before, version: null, promotion: null });
    expect(await at(first.promotedAt)).toEqual({ model: name, at: first.promotedAt, version: 1, promotion: first });
    expect(await at('2999-01-01T01:00:00+01:00')).toMatchObject({
      at: '2999-01-01T00:00:00.000Z',
      version: null,
      promotion: { cause: 'retired', generation: 3 },
    });
    for (const bad of ['yesterday', '2026-11-21', ''])
      expect((await registry.call('GET', `${api}?at=${bad}`)).status).toBe(400);
    const seen: number[] = [];
    let token = '';
    do {
      const { body } = await registry.call('GET', `${api}?limit=2${token === '' ? '' : `&pageToken=${token}`}`);
      seen.push(...body.promotions.map(({ generation }: Json) => generation));
      token = body.nextPageToken ?? '';
    } while (token !== '');
    expect(seen).toEqual([3, 2, 1]);
    expect((await registry.call('GET', `${api}?pageToken=nonsense`)).status).toBe(400);
    expect(
      (await registry.call('GET', '/api/v1/models/never-heard-of/promotions?at=2026-01-01T00:00:00Z')).status,
    ).toBe(404);
  });

  it('stops at Staging and refuses other columns when the policy says so', async () => {
    const name = await withVersions(1);
    const path = `/api/v1/models/${name}`;
    await registry.call('POST', `${path}/promotions`, { version: 1 });
    const decided = async (count: number): Promise<Json> =>
      eventually(async () => {
        const { versions } = await model(name);
        const decisions = versions.map(({ policyDecision }: Json) => policyDecision).filter(Boolean);
        expect(decisions).toHaveLength(count);
        return decisions[0];
      });
    await decided(1);
    const put = await registry.call('PUT', `${path}/policy`, { kind: 'always', stage: 'Staging' });
    expect(put.body).toEqual({ kind: 'always', stage: 'Staging', signatureChanges: 'allow' });
    await trainAndRegister(registry, name, 0.2);
    expect(await decided(2)).toMatchObject({ promoted: false, outcome: 'staged' });
    await trainAndRegister(registry, name, 0.3);
    expect(await decided(3)).toMatchObject({ outcome: 'staged' });
    expect(await labels(name)).toEqual({ 1: ['Production', 'champion'], 2: ['Archived'], 3: ['Staging'] });
    await registry.call('PUT', `${path}/policy`, { kind: 'always', signatureChanges: 'refuse' });
    await trainAndRegister(registry, name, 0.4, [], ['a', 'b', 'c', 'other']);
    expect(await decided(4)).toMatchObject({ outcome: 'left', reason: expect.stringContaining('column "') });
    await trainAndRegister(registry, name, 0.5);
    expect(await decided(5)).toMatchObject({ outcome: 'promoted', promoted: true });
    expect(await said(name)).toEqual([[1, 1], [2, 5]]); // prettier-ignore
  });

  it('gives many doors at once generations without a gap and a pointer that is the last line', async () => {
    const name = await withVersions(4);
    const api = `/api/v1/models/${name}`;
    const doors = [
      (v: number) => stage(name, v, 'Production', v % 2 === 0),
      (v: number) => champion(name, v),
      (v: number) => registry.call('POST', `${api}/promotions`, { version: v }),
      (v: number) => stage(name, v, 'Archived'),
      () => registry.call('POST', `${api}/rollback`, {}),
      () => registry.call('DELETE', `${api}/promotions`),
      () => registry.mlflow('DELETE', 'registered-models/alias', { name, alias: 'champion' }),
      (v: number) => stage(name, v, 'None'),
    ];
    let at = 0;
    const failures: unknown[] = [];
    const client = async () => {
      while (at < TRIES) {
        const turn = at++;
        const answer: Json = await doors[(turn * 5 + (turn >> 3)) % doors.length]((turn % 4) + 1);
        if (answer?.status >= 500) failures.push(answer);
      }
    };
    await Promise.all(Array.from({ length: 16 }, client));
    expect(failures).toEqual([]);
    const lines = await said(name);
    expect(lines.map(([generation]) => generation)).toEqual(lines.map((_, at) => at + 1));
    const { body } = await registry.call('GET', `${api}/promotions?limit=1000`);
    expect(body.promotions.map(({ generation, version }: Json) => [generation, version]).reverse()).toEqual(lines);
    expect((await model(name)).promoted).toEqual({ generation: lines.length, version: lines.at(-1)?.[1] });
  }, 240_000);
});
