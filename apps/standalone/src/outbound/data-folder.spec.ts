import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { DataFolder } from './data-folder.js';
import { identityOf } from './process-identity.js';

let path: string;
beforeEach(async () => {
  path = await mkdtemp(join(tmpdir(), 'data-folder-'));
});
afterEach(() => rm(path, { recursive: true }));

const quiet = () => undefined;

it('a folder on which another standalone runs is refused, with what to do', async () => {
  await new DataFolder(path).take(quiet);
  await expect(new DataFolder(path).take(quiet)).rejects.toThrow(/--data-dir/);
});

it('a lock left by a process that is gone, or whose pid was given to another, is taken over', async () => {
  await writeFile(join(path, 'standalone.lock'), JSON.stringify({ pid: process.pid, began: 'another time' }));
  await new DataFolder(path).take(quiet);
  expect(JSON.parse(await readFile(join(path, 'standalone.lock'), 'utf8'))).toEqual(identityOf(process.pid));
});

it('a folder that was released can be taken again', async () => {
  const folder = new DataFolder(path);
  await folder.take(quiet);
  await folder.release();
  await folder.take(quiet);
});

it('processes of a killed start that do not end on their own are ended', async () => {
  const leftover = spawn('sleep', ['600']);
  await new Promise((resolve) => leftover.once('spawn', resolve));
  const ended = new Promise((resolve) =>
    leftover.once('exit', (_, signal) => {
      resolve(signal);
    }),
  );
  await writeFile(join(path, 'processes.json'), JSON.stringify([identityOf(leftover.pid ?? 0)]));
  const said: string[] = [];
  await new DataFolder(path, 200).take((sentence) => said.push(sentence));
  expect(await ended).toBe('SIGTERM');
  expect(said).toHaveLength(1);
});

it('the key for the secrets of webhooks is made once, for its owner alone to read', async () => {
  const key = await new DataFolder(path).webhookKey();
  expect(Buffer.from(key, 'base64')).toHaveLength(32);
  expect(await new DataFolder(path).webhookKey()).toBe(key);
  expect((await stat(join(path, 'webhook-secret.key'))).mode & 0o777).toBe(0o600);
});
