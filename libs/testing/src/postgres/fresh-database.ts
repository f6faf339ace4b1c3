import pg from 'pg';
import { uniqueName } from '../names.js';
import { services } from '../services.js';

/** An empty database of its own on the Postgres of this test run. Call `drop` when done. */
export const freshDatabase = async (): Promise<{ url: string; drop: () => Promise<void> }> => {
  const server = services().postgres;
  if (server === undefined)
    throw new Error('No PostgreSQL in this run: guard the suite with describe.skipIf(!services().postgres).');
  const name = uniqueName('test').replace('-', '_');
  await run(server, `create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => run(server, `drop database if exists ${name} with (force)`) };
};

const run = async (url: string, sql: string): Promise<void> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
};
