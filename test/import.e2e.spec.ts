/* eslint-disable @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-member-access -- answers are asserted on, field by field */
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, freshDatabase, services } from '#testing';
import { pythonWith, startMlflowServer, type MlflowServer } from '#testing/python';
import { registryUnderTest, type RegistryUnderTest } from '../apps/registry/src/registry.behaviour.js';
import { finished, root, type Ended } from './baton.js';

const python = services().postgres ? await pythonWith('test/mlflow-client/requirements.txt') : undefined;

interface Report {
  copied: Record<string, number>;
  experiments: Record<string, string>;
  problems: { what: string; reason: string }[];
  differences: object[];
}

describe.skipIf(python?.python === undefined)('the import of a real MLflow server', () => {
  let source: MlflowServer;
  let dropSource: () => Promise<void>;
  let registry: RegistryUnderTest;
  let folder: string;
  let seeded: { run: string; model_id: string; deleted: string; running: string };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'import-'));
    const database = await freshDatabase();
    dropSource = database.drop;
    const program = python?.python ?? '';
    source = await startMlflowServer({ python: program, databaseUrl: database.url, workers: 1 });
    const environment = { ...surroundings(), MLFLOW_DISABLE_TELEMETRY: 'true', DO_NOT_TRACK: '1' };
    const args = [`${root}test/import-seed.py`, source.url, '40'];
    const { stdout } = await promisify(execFile)(program, args, { env: environment, cwd: folder });
    seeded = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as typeof seeded;
    registry = await registryUnderTest();
    await eventually(() => registry.mlflow('GET', 'experiments/get?experiment_id=0'));
    // Takes the id 1, so that the source's first experiment gets another one.
    await registry.mlflow('POST', 'experiments/create', { name: 'was here before' });
  }, 900_000);
  afterAll(async () => {
    await registry.close();
    await source.stop();
    await dropSource();
    await rm(folder, { recursive: true });
  });

  const start = (...args: string[]) =>
    spawn(
      process.execPath,
      [`${root}apps/cli/baton.mjs`, '--registry', registry.url, 'import', 'mlflow', '--from', source.url, ...args],
      { env: surroundings(), cwd: folder },
    );
  const report = async (): Promise<Report> => JSON.parse(await readFile(join(folder, 'report.json'), 'utf8')) as Report;
  const runsHere = async (): Promise<number> => {
    const { experiments } = await registry.mlflow('POST', 'experiments/search', { max_results: 100, view_type: 'ALL' });
    const ids = (experiments as { experiment_id: string }[]).map(({ experiment_id }) => experiment_id);
    const query = { experiment_ids: ids, run_view_type: 'ALL', max_results: 1000 };
    return ((await registry.mlflow('POST', 'runs/search', query)).runs as object[] | undefined)?.length ?? 0;
  };

  it('says what there is and copies nothing when it is asked to', async () => {
    const { code, out }: Ended = await finished(start('--dry-run'));
    expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining('many') as string });
    expect(await runsHere()).toBe(0);
  });

  it('goes on after it was killed, and ends with both sides the same', { timeout: 600_000 }, async () => {
    const first = start();
    const killed = finished(first);
    await eventually(async () => {
      expect(await runsHere()).toBeGreaterThan(8);
    }, 300_000);
    first.kill('SIGKILL');
    await killed;
    expect(await runsHere()).toBeLessThan(40);
    const { code, notes } = await finished(start('--report', 'report.json'));
    expect(notes).toContain('Experiment 1 is 4 here');
    expect({ code, ...(await report()) }).toMatchObject({
      code: 0,
      problems: [],
      differences: [],
      experiments: { 0: '0', 2: '2', 3: '3', 1: '4' },
      copied: { models: 3, versions: 5 },
    });
    expect((await report()).copied['runs here already']).toBeGreaterThan(0);
  });

  it('keeps ids, numbers, times, labels and what was deleted, freezes, and promotes nothing by itself', async () => {
    const { run } = await registry.mlflow('GET', `runs/get?run_id=${seeded.run}`);
    expect(run).toMatchObject({
      info: { experiment_id: '4', start_time: 1_700_000_000_123, end_time: 1_700_000_100_456, status: 'FINISHED' },
    });
    const state = async (id: string) => {
      const { info } = (await registry.mlflow('GET', `runs/get?run_id=${id}`)).run as { info: Record<string, string> };
      return `${info.lifecycle_stage} ${info.status}`;
    };
    expect(await state(seeded.deleted)).toBe('deleted FINISHED');
    expect(await state(seeded.running)).toBe('active RUNNING');
    const { body } = await registry.call('GET', '/api/v1/models/Iris');
    expect(body).toMatchObject({
      aliases: { champion: 1, blue: 2 },
      promoted: { version: null, generation: 0 },
      versions: [
        { version: 4, servable: true, stage: 'None' },
        { version: 2, servable: true, stage: 'Production' },
        { version: 1, servable: true, stage: 'Archived' },
      ],
    });
    expect(await registry.mlflow('GET', 'model-versions/get-download-uri?name=Iris&version=2')).toEqual({
      artifact_uri: `mlflow-artifacts:/4/${seeded.run}/artifacts/model`,
    });
    const { model_version } = await registry.mlflow('POST', 'model-versions/create', {
      name: 'Iris',
      source: `models:/${seeded.model_id}`,
      model_id: seeded.model_id,
    });
    expect(model_version).toMatchObject({ version: '5' });
    await registry.mlflow('DELETE', 'model-versions/delete', { name: 'Iris', version: '5' });
  });

  it('copies nothing twice, and promotes what is in Production when asked to', { timeout: 300_000 }, async () => {
    const { code } = await finished(start('--promote-production', '--models', 'Iris', '--report', 'report.json'));
    // The promotion moves the alias champion to version 2: that difference is told.
    expect(code).toBe(1);
    const { copied, differences } = await report();
    expect(copied).toMatchObject({ files: 0, 'metric points': 0 });
    // So is the version that was made here above, which the logged model keeps note of.
    expect(differences).toEqual([
      expect.objectContaining({ field: 'tag mlflow.modelVersions' }),
      { what: 'model Iris', field: 'aliases', there: ['blue 2', 'champion 1'], here: ['blue 2', 'champion 2'] },
    ]);
    const { body } = await registry.call('GET', '/api/v1/models/Iris');
    expect(body).toMatchObject({ promoted: { version: 2, generation: 1 } });
  });

  it('leaves out what is another thing here, and says so', { timeout: 300_000 }, async () => {
    const other = await registryUnderTest();
    try {
      await eventually(() => other.mlflow('POST', 'registered-models/create', { name: 'Iris' }));
      await other.mlflow('POST', 'experiments/create', { name: 'many' });
      const args = [`${root}apps/cli/baton.mjs`, '--registry', other.url, 'import', 'mlflow', '--from', source.url];
      const flags = ['--experiments', 'many', '--models', 'Iris', '--report', 'report.json'];
      const { code } = await finished(
        spawn(process.execPath, [...args, ...flags], { env: surroundings(), cwd: folder }),
      );
      expect(code).toBe(1);
      expect((await report()).problems).toEqual([
        {
          what: 'experiment "many" (3)',
          reason: expect.stringContaining('There is another experiment "many" here') as string,
        },
        {
          what: 'model Iris',
          reason: expect.stringContaining('There is another registered model Iris here') as string,
        },
      ]);
      expect(await other.mlflow('POST', 'runs/search', { experiment_ids: ['1'] })).toEqual({});
    } finally {
      await other.close();
    }
  });
});

const surroundings = (): Record<string, string> => {
  // eslint-disable-next-line no-restricted-properties -- makes environments for others
  const { PATH = '', HOME = '' } = process.env;
  return { PATH, HOME };
};
