/* eslint-disable @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-return, @typescript-eslint/no-unsafe-call -- answers are asserted on, field by field */
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, services, uniqueName } from '#testing';
import { registryUnderTest, type Json, type RegistryUnderTest } from '../../registry.behaviour.js';

/** How often each race is run, by so many clients at once. */
const ROUNDS = 20;
const CLIENTS = 12;

describe.skipIf(!services().postgres)('clients that do the same at once', () => {
  let registry: RegistryUnderTest;
  let run: { run_id: string; artifact_uri: string };
  let database: pg.Client;
  const atOnce = async (path: string, body: (client: number) => object, method = 'POST'): Promise<Json[]> =>
    Promise.all(
      Array.from({ length: CLIENTS }, (_, client) => registry.call(method, `/api/2.0/mlflow/${path}`, body(client))),
    );
  const deadlocks = async (): Promise<number> => {
    const { rows } = await database.query<{ deadlocks: string }>(
      'select deadlocks from pg_stat_database where datname = current_database()',
    );
    return Number(rows[0].deadlocks);
  };
  const codes = (answers: Json[]): string[] =>
    answers.map(({ status, body }) => (status === 200 ? 'ok' : body.error_code)).sort((a, b) => a.localeCompare(b));
  const oneWins = (code: string) =>
    [...Array.from({ length: CLIENTS - 1 }, () => code), 'ok'].sort((a, b) => a.localeCompare(b));
  const rounds = async (work: () => Promise<void>, count = ROUNDS): Promise<void> => {
    for (let round = 0; round < count; round++) await work();
  };

  beforeAll(async () => {
    registry = await registryUnderTest();
    await eventually(() => registry.mlflow('GET', 'experiments/get?experiment_id=0'));
    run = (await registry.mlflow('POST', 'runs/create', { experiment_id: '0', start_time: 1 })).run.info;
    database = new pg.Client({ connectionString: registry.databaseUrl });
    await database.connect();
  });
  afterAll(async () => {
    expect(await deadlocks()).toBe(0);
    await database.end();
    await registry.close();
  });

  it('make one experiment and one model of a name', async () => {
    await rounds(async () => {
      const name = uniqueName('race');
      expect(codes(await atOnce('experiments/create', () => ({ name })))).toEqual(oneWins('RESOURCE_ALREADY_EXISTS'));
      const tags = [{ key: 'a', value: 'b' }];
      expect(codes(await atOnce('registered-models/create', () => ({ name, tags })))).toEqual(
        oneWins('RESOURCE_ALREADY_EXISTS'),
      );
    });
  });

  it('give each version the next number', async () => {
    await rounds(async () => {
      const name = uniqueName('race');
      await registry.mlflow('POST', 'registered-models/create', { name });
      const source = `${run.artifact_uri}/model`;
      const answers = await atOnce('model-versions/create', () => ({ name, source, run_id: run.run_id }));
      const numbers = answers.map(({ body }) => Number(body.model_version?.version)).sort((a, b) => a - b);
      expect(numbers).toEqual(Array.from({ length: CLIENTS }, (_, at) => at + 1));
    });
  });

  it('write a param once', async () => {
    await rounds(async () => {
      const answers = await atOnce('runs/log-parameter', (value) => ({
        run_id: run.run_id,
        key: uniqueName('p'),
        value: String(value),
      }));
      expect(codes(answers)).toEqual(Array.from({ length: CLIENTS }, () => 'ok'));
      const key = uniqueName('p');
      const same = await atOnce('runs/log-parameter', (value) => ({ run_id: run.run_id, key, value: String(value) }));
      expect(codes(same)).toEqual(oneWins('INVALID_PARAMETER_VALUE'));
    });
  });

  it('set aliases, stages and tags, archive, delete and rename without waiting in a circle', async () => {
    await rounds(async () => {
      const name = uniqueName('race');
      await registry.mlflow('POST', 'registered-models/create', { name });
      for (let at = 0; at < 4; at++)
        await registry.mlflow('POST', 'model-versions/create', { name, source: 's3://b/x' });
      const version = (client: number) => String((client % 4) + 1);
      const stage = (client: number) => ({
        name,
        version: version(client),
        stage: ['Staging', 'Production'][client % 2],
        archive_existing_versions: true,
      });
      const answers = await Promise.all([
        atOnce('model-versions/transition-stage', stage),
        atOnce('registered-models/alias', (client) => ({
          name,
          alias: ['champion', 'best'][client % 2],
          version: version(client),
        })),
        atOnce('registered-models/set-tag', () => ({ name, key: 'k', value: 'v' })),
        atOnce('model-versions/set-tag', (client) => ({ name, version: version(client), key: 'k', value: 'v' })),
        atOnce('model-versions/delete', () => ({ name, version: '4' }), 'DELETE'),
        atOnce('registered-models/rename', (client) => ({ name, new_name: `${name}-${String(client)}` })),
      ]);
      const allowed = ['ok', 'RESOURCE_DOES_NOT_EXIST'];
      expect(codes(answers.flat()).filter((code) => !allowed.includes(code))).toEqual([]);
      expect(codes(answers[5])).toEqual(oneWins('RESOURCE_DOES_NOT_EXIST'));
    }, ROUNDS / 5);
  });
});
