import { spawn } from 'node:child_process';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { endOrphan, isPostmasterOf } from './orphan.js';

let cluster: string;
beforeEach(async () => {
  cluster = await mkdtemp(join(tmpdir(), 'orphan-'));
});
afterEach(() => rm(cluster, { recursive: true }));

it('a postmaster is known by its program and its folder', () => {
  expect(isPostmasterOf('/x/bin/postgres -D /d/cluster -p 1', '/d/cluster')).toBe(true);
  expect(isPostmasterOf('/x/bin/postgres -D /d/cluster2 -p 1', '/d/cluster')).toBe(false);
  expect(isPostmasterOf('vi -D /d/cluster -p 1', '/d/cluster')).toBe(false);
});

it('leaves a stranger alone that got the pid, and removes the stale file', async () => {
  const stranger = spawn('sleep', ['60']);
  try {
    await writeFile(join(cluster, 'postmaster.pid'), `${String(stranger.pid)}\n${cluster}\n`);
    await endOrphan(cluster, () => undefined);
    expect(stranger.signalCode).toBeNull();
    expect(stranger.kill(0)).toBe(true);
    await expect(stat(join(cluster, 'postmaster.pid'))).rejects.toThrow();
  } finally {
    stranger.kill('SIGKILL');
  }
});

it('takes down the postmaster of this folder', async () => {
  const said: string[] = [];
  // A process with the command line of our postmaster.
  const player = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', '--', '-D', cluster, '-p'], {
    argv0: '/x/postgres',
  });
  await new Promise((resolve) => player.once('spawn', resolve));
  const ended = new Promise((resolve) =>
    player.once('exit', (_, signal) => {
      resolve(signal);
    }),
  );
  await writeFile(join(cluster, 'postmaster.pid'), `${String(player.pid)}\n${cluster}\n`);
  await endOrphan(cluster, (sentence) => said.push(sentence));
  expect(await ended).toBe('SIGINT');
  expect(said).toHaveLength(1);
});
