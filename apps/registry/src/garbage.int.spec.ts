/* eslint-disable @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-member-access -- answers are asserted on, field by field */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ArtifactInventory, ArtifactStore } from '#artifacts';
import type { GarbageView } from '#contracts';
import { ManualClock } from '#runtime';
import { eventually, services, uniqueName } from '#testing';
import { PROXY, raw, readyRegistry, storesUnderTest } from './artifacts.behaviour.js';
import { CollectGarbage } from './core/garbage/collect-garbage.js';
import { GarbageRecords, type GarbageReport } from './core/garbage/garbage.js';
import { RegistryDatabase } from './outbound/postgres/registry-database.js';
import { trainAndRegister, type RegistryUnderTest } from './registry.behaviour.js';

const HOUR = 3_600_000;

describe.skipIf(!services().postgres).each(storesUnderTest())('garbage in the database and $store', ({ settings }) => {
  let registry: RegistryUnderTest;
  let store: ArtifactStore;

  beforeAll(async () => {
    registry = await readyRegistry(settings);
    store = registry.app.get(ArtifactStore);
  });
  afterAll(() => registry.close());

  const collect = async (wish: object = {}): Promise<GarbageView> => {
    const { status, body } = await registry.call('POST', '/api/v1/gc', wish);
    expect([status, body.code]).toEqual([200, undefined]);
    return body as GarbageView;
  };
  /** As if it were later: what is young now is not young then. */
  const collectLater = (hours: number): Promise<GarbageReport> => {
    const { app } = registry;
    const clock = new ManualClock(Date.now() + hours * HOUR);
    const later = new CollectGarbage(app.get(GarbageRecords), store, app.get(ArtifactInventory), clock);
    return later.execute({ apply: true, olderThanMs: 0 });
  };
  const put = (key: string, body = 'x') => raw(registry.url, 'PUT', `${PROXY}/${key}`, { body });
  const runWithFile = async (experiment_id = '0'): Promise<{ id: string; key: string; location: string }> => {
    const { run } = await registry.mlflow('POST', 'runs/create', { experiment_id, start_time: 1 });
    const run_id = run.info.run_id as string;
    const location = run.info.artifact_uri as string;
    const key = location.replace('mlflow-artifacts:/', '');
    await put(`${key}/model/MLmodel`, 'flavors: {}');
    await registry.mlflow('POST', 'runs/log-batch', {
      run_id,
      metrics: [{ key: 'm', value: 1, timestamp: 1, step: 0 }],
      params: [{ key: 'p', value: '1' }],
      tags: [{ key: 't', value: '1' }],
    });
    return { id: run_id, key: `mlflow-artifacts/${key}`, location };
  };
  const deletedRun = async (): Promise<{ id: string; key: string; location: string }> => {
    const run = await runWithFile();
    await registry.mlflow('POST', 'runs/delete', { run_id: run.id });
    return run;
  };
  const removedIds = ({ removed }: Pick<GarbageReport, 'removed'>): string[] => removed.map(({ id }) => id);

  it('says what would go and how much it is, and removes it only when told to', async () => {
    const [active, deleted] = [await runWithFile(), await deletedRun()];
    const dry = await collect();
    expect(dry).toMatchObject({
      applied: false,
      removed: [{ kind: 'run', id: deleted.id, sizeBytes: 11 }],
      sizeBytes: 11,
    });
    expect(await store.stat(`${deleted.key}/model/MLmodel`)).toBeDefined();
    expect(await collect({ apply: true })).toEqual({ ...dry, applied: true });
    expect(await store.list(deleted.key)).toEqual([]);
    expect((await registry.call('GET', `/api/2.0/mlflow/runs/get?run_id=${deleted.id}`)).status).toBe(404);
    expect(await store.stat(`${active.key}/model/MLmodel`)).toBeDefined();
    expect(await collect({ apply: true })).toMatchObject({ removed: [], sizeBytes: 0 });
    const [{ count }] = await registry.app
      .get(RegistryDatabase)
      .query<{ count: string }[]>('select count(*) from registry.run_metrics where run_id = $1', [deleted.id]);
    expect(count).toBe('0');
  });

  it('keeps a deleted run and its logged model that became a version, and says why', async () => {
    const name = uniqueName('kept');
    const { runId, modelId, version } = await trainAndRegister(registry, name, Math.random());
    await registry.mlflow('POST', 'runs/delete', { run_id: runId });
    await registry.mlflow('DELETE', `logged-models/${modelId}`);
    const report = await collect({ apply: true });
    for (const id of [runId, modelId])
      expect(report.kept).toContainEqual(expect.objectContaining({ id, reason: `version 1 of ${name} came from it` }));
    const path = `/model-versions/get-artifact?name=${name}&version=${String(version.version)}&path=model.onnx`;
    expect((await raw(registry.url, 'GET', path)).status).toBe(200);
    await registry.mlflow('DELETE', 'registered-models/delete', { name });
    expect(removedIds(await collect({ apply: true }))).toEqual(expect.arrayContaining([runId, modelId]));
  });

  it('keeps a deleted run whose files became a version', async () => {
    const run = await deletedRun();
    const name = uniqueName('by-source');
    await registry.mlflow('POST', 'registered-models/create', { name });
    await registry.mlflow('POST', 'model-versions/create', {
      name,
      source: `${run.location}/model`,
      run_id: run.id,
    });
    const { kept } = await collect({ apply: true });
    expect(kept).toContainEqual({ kind: 'run', id: run.id, reason: `version 1 of ${name} came from it` });
    expect(await store.stat(`${run.key}/model/MLmodel`)).toBeDefined();
  });

  it('keeps what a version names by its source or its place alone', async () => {
    const runs = [await deletedRun(), await deletedRun(), await deletedRun()];
    const ofModel = await runWithFile();
    const wish = { experiment_id: '0', name: 'm', source_run_id: ofModel.id };
    const { info } = (await registry.mlflow('POST', 'logged-models', wish)).model;
    await registry.mlflow('POST', 'runs/delete', { run_id: ofModel.id });
    await registry.mlflow('DELETE', `logged-models/${String(info.model_id)}`);
    const elsewhere = 'mlflow-artifacts:/imported-models/x/1';
    const name = uniqueName('named');
    await registry.mlflow('POST', 'registered-models/create', { name });
    for (const [at, [source, place]] of [
      [`runs:/${runs[0].id}/model`, elsewhere],
      [`${runs[1].location}/model`, elsewhere],
      ['s3://elsewhere', `${runs[2].location}/model`],
      [`models:/${String(info.model_id)}`, elsewhere],
    ].entries())
      await registry.app.get(RegistryDatabase).query(
        `insert into registry.model_versions
           (name, version, creation_time, last_update_time, source, storage_location, origin, promote, not_servable_reason)
         values ($1, $2, 1, 1, $3, $4, 'client', 'never', 'no ONNX')`,
        [name, at + 1, source, place],
      );
    const { kept } = await collect({ apply: true });
    for (const id of [...runs.map((run) => run.id), ofModel.id, info.model_id as string])
      expect(kept).toContainEqual(expect.objectContaining({ id, reason: expect.stringContaining(`of ${name}`) }));
    await registry.mlflow('DELETE', 'registered-models/delete', { name });
    expect(removedIds(await collect({ apply: true }))).toEqual(expect.arrayContaining(runs.map(({ id }) => id)));
  });

  it('takes a deleted experiment with its runs and logged models, but not while one of them is kept', async () => {
    const { experiment_id } = await registry.mlflow('POST', 'experiments/create', { name: uniqueName('gone') });
    const run = await runWithFile(experiment_id as string);
    const { model } = await registry.mlflow('POST', 'logged-models', { experiment_id, name: 'm' });
    await put(`${String(experiment_id)}/traces/t/x`, 'trace');
    await registry.mlflow('POST', 'experiments/delete', { experiment_id });
    await registry.mlflow('POST', 'runs/restore', { run_id: run.id });
    const first = await collect({ apply: true, experimentIds: [experiment_id] });
    expect(first.kept).toEqual([{ kind: 'experiment', id: experiment_id, reason: `run ${run.id} is kept` }]);
    await registry.mlflow('POST', 'runs/delete', { run_id: run.id });
    const dry = await collect({ experimentIds: [experiment_id] });
    const report = await collect({ apply: true, experimentIds: [experiment_id] });
    expect(report).toEqual({ ...dry, applied: true });
    expect(removedIds(report)).toEqual([run.id, experiment_id]);
    expect(removedIds(first)).toEqual([model.info.model_id]);
    expect(report.sizeBytes).toBe(16);
    expect(await store.list(`mlflow-artifacts/${String(experiment_id)}`)).toEqual([]);
    expect(
      (await registry.call('GET', `/api/2.0/mlflow/experiments/get?experiment_id=${String(experiment_id)}`)).status,
    ).toBe(404);
  });

  it('looks at age and at named things only, and says what is wrong with them', async () => {
    const [one, two, active] = [await deletedRun(), await deletedRun(), await runWithFile()];
    expect(removedIds(await collect({ olderThan: '1h' }))).not.toContain(one.id);
    expect(removedIds(await collect({ apply: true, runIds: [one.id] }))).toEqual([one.id]);
    expect(await store.stat(`${two.key}/model/MLmodel`)).toBeDefined();
    for (const [wish, status] of [
      [{ runIds: ['none'] }, 404],
      [{ runIds: [active.id] }, 400],
      [{ runIds: [two.id], olderThan: '1d' }, 400],
      [{ olderThan: 'soon' }, 400],
      [{ olderThan: '' }, 400],
      [{ unknown: 1 }, 400],
      [{ runIds: [] }, 400],
    ] as const)
      expect([wish, (await registry.call('POST', '/api/v1/gc', wish)).status]).toEqual([wish, status]);
    await registry.mlflow('POST', 'runs/restore', { run_id: two.id });
    expect(removedIds(await collect({ apply: true }))).not.toContain(two.id);
  });

  it('leaves young files and blobs, takes old ones that nothing refers to', async () => {
    const name = uniqueName('blobs');
    const { version } = await trainAndRegister(registry, name, Math.random());
    const { body } = await registry.call('GET', `/api/v1/models/${name}`);
    expect(JSON.stringify(body)).toContain('sha256');
    const lost = `sha256/${'ab'.repeat(32)}`;
    await store.put(lost, Buffer.from('lost'));
    const orphan = `9/${'cd'.repeat(16)}/artifacts/x`;
    await put(orphan);
    await put('own/notes.txt');
    expect(removedIds(await collect({ apply: true }))).toEqual([]);
    const wanted = await registry.app.get(GarbageRecords).wantedBlobs();
    const ids = removedIds(await collectLater(2));
    expect(ids).toEqual(expect.arrayContaining([lost, `mlflow-artifacts/${orphan.replace('/x', '')}`]));
    expect(await store.stat(lost)).toBeUndefined();
    expect((await raw(registry.url, 'GET', `${PROXY}/${orphan}`)).status).toBe(404);
    expect((await raw(registry.url, 'GET', `${PROXY}/own/notes.txt`)).status).toBe(200);
    expect(version.version).toBe('1');
    expect(wanted.size).toBeGreaterThan(0);
    for (const sha256 of wanted) expect(await store.stat(`sha256/${sha256}`)).toBeDefined();
  });

  it('keeps what a promotion names though its version is gone', async () => {
    const name = uniqueName('promoted');
    await trainAndRegister(registry, name, Math.random());
    const posted = await registry.call('POST', `/api/v1/models/${name}/promotions`, { version: 1 });
    expect(posted.status).toBe(201);
    const [{ sha256 }] = await registry.app
      .get(RegistryDatabase)
      .query<{ sha256: string }[]>(
        `select payload->'artifact'->>'sha256' as sha256 from registry.outbox where aggregatetype = 'model.promoted' and aggregateid = $1 limit 1`,
        [name],
      );
    await registry.mlflow('DELETE', 'registered-models/delete', { name });
    await collectLater(2);
    expect(await store.stat(`sha256/${sha256}`)).toBeDefined();
  });

  it('goes on where a collection was cut short, and lets nobody register what is going', async () => {
    const run = await deletedRun();
    const name = uniqueName('cut');
    await registry.mlflow('POST', 'registered-models/create', { name });
    // The rows went, the files did not: the process died in between.
    await registry.app.get(GarbageRecords).remove({ kind: 'run', id: run.id, location: run.location });
    expect(await store.stat(`${run.key}/model/MLmodel`)).toBeDefined();
    const wish = { name, source: `${run.location}/model`, run_id: run.id };
    const answer = await registry.call('POST', '/api/2.0/mlflow/model-versions/create', wish);
    expect(answer).toMatchObject({ status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } });
    await collect({ apply: true });
    expect(await store.list(run.key)).toEqual([]);
    expect((await registry.call('POST', '/api/2.0/mlflow/model-versions/create', wish)).status).toBe(400);
  });

  it('ends uploads that were given up', async () => {
    await raw(registry.url, 'PUT', `${PROXY}/1/fine`, { body: 'fine' });
    expect((await collectLater(48)).removed.filter(({ kind }) => kind === 'upload')).toEqual([]);
    await store.put('incoming/left-behind', Buffer.from('left'));
    expect((await collectLater(2)).removed).not.toContainEqual(expect.objectContaining({ kind: 'upload' }));
    expect((await collectLater(48)).removed).toContainEqual({
      kind: 'upload',
      id: 'incoming/left-behind',
      sizeBytes: 4,
    });
  });

  it('never takes files or blobs from under a version that is registered meanwhile', async () => {
    const name = uniqueName('raced');
    await registry.mlflow('POST', 'registered-models/create', { name });
    const weight = Math.random();
    const { modelId } = await trainAndRegister(registry, uniqueName('same'), weight);
    for (let i = 0; i < 12; i++) {
      const run = await deletedRun();
      const [version] = await Promise.all([
        registry.call('POST', '/api/2.0/mlflow/model-versions/create', {
          name,
          source: `${run.location}/model`,
          run_id: run.id,
        }),
        collect({ apply: true, runIds: [run.id] }),
      ]);
      expect([200, 400, 404]).toContain(version.status);
      const there = (await store.stat(`${run.key}/model/MLmodel`)) !== undefined;
      expect([i, there]).toEqual([i, version.status === 200]);
    }
    // The grace is taken away from blobs, so that nothing but the locks stands between.
    for (let i = 0; i < 8; i++) {
      const other = uniqueName('again');
      await registry.mlflow('POST', 'registered-models/create', { name: other });
      const [version] = await Promise.all([
        registry.call('POST', '/api/2.0/mlflow/model-versions/create', {
          name: other,
          source: `models:/${modelId}`,
          model_id: modelId,
        }),
        collectLater(2),
      ]);
      expect([version.status, version.body]).toEqual([expect.toBeOneOf([200, 503]), expect.anything()]);
      for (const sha256 of await registry.app.get(GarbageRecords).wantedBlobs())
        expect(await store.stat(`sha256/${sha256}`)).toBeDefined();
      await eventually(() => registry.mlflow('DELETE', 'registered-models/delete', { name: other }));
    }
  });
});
