import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshDatabase, services } from '#testing';
import { PROXY, storesUnderTest } from './artifacts.behaviour.js';

const MAIN = join(import.meta.dirname, '../../../dist/apps/registry/src/main.js');
const SIZE_BYTES = 1024 ** 3;
const CHUNK = Buffer.alloc(1024 ** 2, 'Baton passes bytes on. ');
/** Half of what a gigabyte held in memory would need at the least. */
const LIMIT_BYTES = 300 * 1024 ** 2;

const generated = (): Readable => Readable.from(Array.from({ length: SIZE_BYTES / CHUNK.length }, () => CHUNK));
const residentBytes = (pid: number): number =>
  Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${String(pid)}/status`, 'utf8'))?.[1]) * 1024;

describe.skipIf(!services().postgres || !existsSync('/proc/self/status') || !existsSync(MAIN)).each(storesUnderTest())(
  'the memory of a registry through which a gigabyte goes to $store',
  ({ settings }) => {
    let registry: ChildProcess;
    let drop: () => Promise<void>;
    let folder: string;
    let port: number;

    beforeAll(async () => {
      const database = await freshDatabase();
      drop = database.drop;
      folder = await mkdtemp(join(tmpdir(), 'registry-'));
      registry = spawn(process.execPath, [MAIN], {
        env: {
          DATABASE_URL: database.url,
          ARTIFACTS_DIR: folder,
          REGISTRY_PORT: '0',
          HOST: '127.0.0.1',
          ...(settings as Record<string, string>),
        },
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      port = await new Promise<number>((resolve) => {
        createInterface({ input: registry.stdout as Readable }).on('line', (line) => {
          const said = JSON.parse(line) as { listening?: number };
          if (said.listening !== undefined) resolve(said.listening);
        });
      });
    });
    afterAll(async () => {
      await new Promise((done) => {
        registry.once('exit', done).kill();
      });
      await drop();
      await rm(folder, { recursive: true });
    });

    it('stays where it is, both ways, with and without a known length', { timeout: 600_000 }, async () => {
      let peak = 0;
      const watch = setInterval(() => (peak = Math.max(peak, residentBytes(registry.pid ?? 0))), 20);
      const path = `${PROXY}/1/large`;
      try {
        for (const [name, value] of [
          ['content-length', String(SIZE_BYTES)],
          ['transfer-encoding', 'chunked'],
        ]) {
          const sent = http.request({ port, path, method: 'PUT', headers: { [name]: value }, agent: false });
          const answered = new Promise<http.IncomingMessage>((resolve, reject) => {
            sent.once('response', resolve).once('error', reject);
          });
          await pipeline(generated(), sent);
          const answer = (await answered).resume();
          expect([name, answer.statusCode]).toEqual([name, 200]);
          expect(await digestOf(port, path)).toBe(expected());
        }
      } finally {
        clearInterval(watch);
      }
      expect(peak).toBeGreaterThan(0);
      expect(peak).toBeLessThan(LIMIT_BYTES);
    });
  },
);

const expected = (): string => {
  const hash = createHash('sha256');
  for (let i = 0; i < SIZE_BYTES / CHUNK.length; i++) hash.update(CHUNK);
  return hash.digest('hex');
};

const digestOf = async (port: number, path: string): Promise<string> => {
  const answer = await new Promise<http.IncomingMessage>((resolve, reject) => {
    http.get({ port, path, agent: false }, resolve).once('error', reject);
  });
  const hash = createHash('sha256');
  for await (const chunk of answer) hash.update(chunk as Buffer);
  return hash.digest('hex');
};
