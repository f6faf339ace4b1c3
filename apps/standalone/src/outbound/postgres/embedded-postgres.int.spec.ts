import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { freePorts } from '../ports.js';
import { EmbeddedPostgres, prepareLog } from './embedded-postgres.js';

let folder: string;
const started: EmbeddedPostgres[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'embedded-postgres-'));
  await chmod(folder, 0o755);
});
afterEach(async () => {
  for (const postgres of started.splice(0)) await postgres.stop();
  await rm(folder, { recursive: true });
});

const start = async (said: string[] = []): Promise<EmbeddedPostgres> => {
  const logFile = join(folder, 'postgres.log');
  await prepareLog(logFile);
  const [port] = await freePorts('127.0.0.1', 1);
  const postgres = await EmbeddedPostgres.start({ folder, port, logFile, say: (sentence) => said.push(sentence) });
  started.push(postgres);
  return postgres;
};

const query = async (url: string, sql: string): Promise<unknown[]> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
};

it('keeps what was written over a stop and a start', async () => {
  const first = await start();
  await query(first.url, "create table kept as select 'x' as what");
  await first.stop();
  const second = await start();
  expect(await query(second.url, 'select what from kept')).toEqual([{ what: 'x' }]);
});

it('takes down a server that a killed start left running on the same folder, and loses nothing', async () => {
  const orphan = await start();
  await query(orphan.url, "create table kept as select 'x' as what");
  const said: string[] = [];
  const next = await start(said);
  await orphan.exited;
  expect(said.join()).toMatch(/left over/);
  expect(await query(next.url, 'select what from kept')).toEqual([{ what: 'x' }]);
});

it.skipIf(process.getuid?.() !== 0)('as root below a closed folder it says which folder and what to do', async () => {
  await chmod(folder, 0o700);
  await expect(start()).rejects.toThrow(/--data-dir/);
});
