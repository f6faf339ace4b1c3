import { spawn, type ChildProcess } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '#testing';
import type { Endpoints } from '../apps/standalone/src/core/endpoints.js';
import { lives, type ProcessIdentity } from '../apps/standalone/src/outbound/process-identity.js';
import { baton as runBaton, finished, root, type Ended } from './baton.js';

/** A surrounding in which no service is named. */
const bare = (): NodeJS.ProcessEnv => {
  // eslint-disable-next-line no-restricted-properties -- makes an environment for another process
  const { PATH, HOME } = process.env;
  return { PATH, HOME };
};

describe('npm start and npx baton', () => {
  let folder: string;
  let dataDir: string;
  let child: ChildProcess | undefined;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'baton-standalone-'));
    await chmod(folder, 0o755);
    dataDir = join(folder, 'data');
  });
  afterEach(async () => {
    if (child?.exitCode !== null || child.signalCode !== null) return;
    const ended = finished(child);
    child.kill('SIGTERM');
    await ended;
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const freeFlags = ['registry', 'predictor', 'predictor-grpc', 'trainer'].flatMap((name) => [`--${name}-port`, '0']);

  const launch = (args: string[]): ChildProcess =>
    spawn(process.execPath, [join(root, 'dist/apps/standalone/src/main.js'), ...args], {
      env: bare(),
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    });

  const startStandalone = async (): Promise<Endpoints> => {
    const started = launch(['--data-dir', dataDir, ...freeFlags]);
    child = started;
    const ended = finished(started).then(({ out, notes }) => {
      throw new Error(`It ended: ${out}${notes}`);
    });
    ended.catch(() => undefined);
    return Promise.race([
      ended,
      eventually(
        async () => {
          const endpoints = JSON.parse(await readFile(join(dataDir, 'endpoints.json'), 'utf8')) as Endpoints;
          if (!endpoints.ready || endpoints.pid !== started.pid) throw new Error('not ready yet');
          return endpoints;
        },
        90_000,
        100,
      ),
    ]);
  };

  const baton = (...args: string[]): Promise<Ended> => runBaton(['--data-dir', dataDir, ...args], bare(), folder);

  const predict = async ({ predictor }: Endpoints): Promise<Response> =>
    fetch(`${predictor}/predict`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '[{"sepal_length":5.1,"sepal_width":3.5,"petal_length":1.4,"petal_width":0.2}]',
    });

  const processes = async (): Promise<ProcessIdentity[]> =>
    JSON.parse(await readFile(join(dataDir, 'processes.json'), 'utf8')) as ProcessIdentity[];

  it(
    'starts, trains and serves by the command line, survives kill -9 with its data, and leaves no process',
    { timeout: 300_000 },
    async () => {
      const first = await startStandalone();
      const trained = await baton(
        'train',
        'Iris',
        '--recipe',
        'logistic-regression',
        '--param',
        'C=1',
        '--follow',
        '--json',
      );
      expect(trained.out).toContain('"state":"succeeded"');
      expect(trained.code).toBe(0);
      await eventually(async () => {
        expect((await predict(first)).status).toBe(200);
      });

      const failed = await baton('train', 'Iris', '--recipe', 'astrology', '--follow');
      expect(failed.code).toBe(1);
      expect(failed.notes).toMatch(/RECIPE_UNKNOWN/);
      expect(JSON.parse((await baton('fleet', '--json')).out)).toMatchObject({
        replicas: [{ model: 'Iris', state: 'serving', active: { version: 1 } }],
      });
      expect((await baton('promote', 'Iris', '9')).notes).toMatch(/VERSION_NOT_FOUND/);
      expect((await baton('events', '--json')).out).toMatch(/model\.promoted/);
      expect((await baton('policy', 'set', 'Iris', 'manual')).code).toBe(0);
      expect((await baton('policy', 'get', 'Iris')).out).toContain('manual');
      expect(JSON.parse((await baton('topics', 'list', '--json')).out)).toEqual(
        expect.arrayContaining([expect.objectContaining({ name: 'model.promoted', there: true })]),
      );

      const second = launch(['--data-dir', dataDir, ...freeFlags]);
      const refused = await finished(second);
      expect(refused.code).toBe(1);
      expect(refused.notes).toMatch(/Another Baton .*--data-dir/);

      const before = await processes();
      expect(before.filter(lives)).toHaveLength(3);
      child?.kill('SIGKILL');
      await eventually(() => {
        expect(before.filter(lives)).toEqual([]);
      }, 15_000);

      const again = await startStandalone();
      await eventually(async () => {
        expect((await predict(again)).status).toBe(200);
      }, 30_000);

      const running = await processes();
      if (child === undefined) throw new Error('It was started.');
      const ended = finished(child);
      child.kill('SIGTERM');
      expect((await ended).code).toBe(0);
      expect(running.filter(lives)).toEqual([]);
      // PostgreSQL removes its own when it has shut down.
      for (const left of ['endpoints.json', 'postgres/cluster/postmaster.pid'])
        await expect(readFile(join(dataDir, left))).rejects.toThrow(/ENOENT/);
    },
  );

  it('an app that is killed is started again at the same address', { timeout: 120_000 }, async () => {
    const { registry } = await startStandalone();
    const [victim] = await processes();
    process.kill(victim.pid, 'SIGKILL');
    await eventually(async () => {
      const now = await processes();
      expect(now.filter(lives)).toHaveLength(3);
      expect(now.map(({ pid }) => pid)).not.toContain(victim.pid);
      expect((await fetch(`${registry}/health`)).status).toBe(200);
    }, 30_000);
    if (child === undefined) throw new Error('It was started.');
    const ended = finished(child);
    child.kill('SIGINT');
    expect((await ended).code).toBe(0);
  });

  it('a port in use is one sentence that names the flag', { timeout: 60_000 }, async () => {
    const server = createServer();
    const port = await new Promise<number>((resolve) =>
      server.listen(0, '127.0.0.1', () => {
        resolve((server.address() as AddressInfo).port);
      }),
    );
    const { code, notes } = await finished(
      launch(['--data-dir', join(folder, 'other'), ...freeFlags.slice(2), '--registry-port', String(port)]),
    );
    server.close();
    expect(code).toBe(1);
    expect(notes).toMatch(new RegExp(`Port ${String(port)} for the registry .*--registry-port`));
    const twins = await finished(
      launch(['--data-dir', join(folder, 'other'), '--registry-port', String(port), '--trainer-port', String(port)]),
    );
    expect(twins.code).toBe(1);
    expect(twins.notes).toMatch(/can't both have port .*--trainer-port/);
  });

  it('--help tells the flags, a wrong one is refused with exit code 2', async () => {
    const help = await finished(launch(['--help']));
    expect(help).toMatchObject({ code: 0 });
    expect(help.out).toMatch(/--data-dir/);
    const wrong = await finished(launch(['--colour']));
    expect(wrong.code).toBe(2);
  });
});
