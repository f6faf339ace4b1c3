/* eslint-disable @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-argument, @typescript-eslint/no-unsafe-return -- answers are asserted on, field by field */
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TrainingRequestView } from '#contracts';
import { eventually, services, uniqueName } from '#testing';
import { KeepSchedules } from './core/keep-schedules.js';
import { registryUnderTest, type RegistryUnderTest } from './registry.behaviour.js';

describe.skipIf(!services().postgres)('schedules of a model', () => {
  let registry: RegistryUnderTest;
  let sql: pg.Client;
  beforeAll(async () => {
    registry = await registryUnderTest();
    await eventually(() => registry.mlflow('GET', 'experiments/get?experiment_id=0'));
    sql = new pg.Client({ connectionString: registry.databaseUrl });
    await sql.connect();
  });
  afterAll(async () => {
    await sql.end();
    await registry.close();
  });

  const api = (model: string, path: string) => `/api/v1/models/${model}/${path}`;
  const made = async (more: object = {}) => {
    const model = uniqueName('M');
    for (const [name, trees] of [
      ['v1', 10],
      ['v2', 20],
    ] as const)
      await registry.call('PUT', api(model, `presets/${name}`), {
        recipe: 'random-forest',
        parameters: { n_estimators: trees },
      });
    const given = { cron: '0 3 * * *', timeZone: 'Europe/Berlin', ...more };
    const { status, body } = await registry.call('PUT', api(model, 'schedules/nightly'), given);
    expect(status).toBe(200);
    return { model, body };
  };
  const requestsOf = async (model: string): Promise<TrainingRequestView[]> =>
    (await registry.call('GET', `/api/v1/training-requests?model=${model}`)).body.requests;
  /** As if the registry had not run since then. */
  const dueSince = (model: string, ago: string) =>
    sql.query(`update registry.schedules set next_at = now() - $2::interval where model = $1`, [model, ago]);

  it('are shown with their next time, in their own zone', async () => {
    const { model, body } = await made({ preset: 'v2' });
    expect(body).toMatchObject({ model, name: 'nightly', preset: 'v2', priority: 0, paused: false, lastAt: null });
    const hour = new Intl.DateTimeFormat('en', { hour: 'numeric', hourCycle: 'h23', timeZone: 'Europe/Berlin' });
    expect(Number(hour.format(new Date(body.nextAt)))).toBe(3);
    const { body: list } = await registry.call('GET', `/api/v1/schedules?model=${model}`);
    expect(list.schedules).toEqual([body]);
  });

  it('ask once for what was missed, with what they say', async () => {
    const { model } = await made({ preset: 'v2', priority: 7, onlyIfChanged: true });
    await dueSince(model, '3 days');
    const [request] = await eventually(async () => {
      const found = await requestsOf(model);
      expect(found).toHaveLength(1);
      return found;
    });
    expect(request).toMatchObject({ preset: 'v2', priority: 7, state: 'queued' });
    const { body } = await registry.call('GET', api(model, 'schedules/nightly'));
    expect(body.lastRequestId).toBe(request.id);
    expect(Date.parse(body.nextAt)).toBeGreaterThan(Date.now());
    const { rows } = await sql.query<{ payload: object }>(
      `select payload from registry.outbox where aggregatetype = 'training.requested' and aggregateid = $1`,
      [model],
    );
    expect(rows).toHaveLength(1);
    expect(rows[0].payload).toMatchObject({ preset: 'v2', onlyIfChanged: true, tags: { 'baton.schedule': 'nightly' } });
  });

  it('ask once, however many registries look', async () => {
    const { model } = await made();
    await dueSince(model, '1 minute');
    const keep = registry.app.get(KeepSchedules);
    const asked = await Promise.all([1, 2, 3, 4, 5].map(() => keep.askForDue()));
    expect(asked.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(1);
    await eventually(async () => {
      expect(await requestsOf(model)).toHaveLength(1);
    });
  });

  it('ask for nothing while paused, and make up for nothing afterwards', async () => {
    const { model } = await made();
    const paused = await registry.call('PATCH', api(model, 'schedules/nightly'), { paused: true });
    expect(paused.body).toMatchObject({ paused: true, nextAt: null });
    const resumed = await registry.call('PATCH', api(model, 'schedules/nightly'), { paused: false });
    expect(Date.parse(resumed.body.nextAt)).toBeGreaterThan(Date.now());
    await registry.app.get(KeepSchedules).askForDue();
    expect(await requestsOf(model)).toEqual([]);
  });

  it.each([
    [{ cron: '61 * * * *' }, 'REQUEST_INVALID', /cron/],
    [{ cron: '* * *' }, 'REQUEST_INVALID', /five fields/],
    [{ cron: '0 3 * * *', timeZone: 'Europe/Atlantis' }, 'REQUEST_INVALID', /Europe\/Atlantis/],
    [{ cron: '0 3 * * *', preset: 'v9' }, 'PRESET_UNKNOWN', /v9/],
    [{ cron: '0 3 * * *', onlyIfchanged: true }, 'REQUEST_INVALID', /onlyIfchanged/],
  ])('%j is refused: %s', async (given, code, sentence) => {
    const { model } = await made();
    const { status, body } = await registry.call('PUT', api(model, 'schedules/other'), given);
    expect([status, body.code]).toEqual([400, code]);
    expect(body.detail).toMatch(sentence);
  });

  it('are refused for a model that has nothing to train', async () => {
    const { body } = await registry.call('PUT', api(uniqueName('M'), 'schedules/x'), { cron: '0 3 * * *' });
    expect(body).toMatchObject({ code: 'PRESET_UNKNOWN' });
  });
});
