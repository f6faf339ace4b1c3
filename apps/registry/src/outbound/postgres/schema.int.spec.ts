import pg from 'pg';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SilentLogger } from '#runtime';
import { dumpSchema, freshDatabase, services } from '#testing';
import { RegistryDatabase } from './registry-database.js';
import { entities } from './schema.js';

describe.skipIf(!services().postgres)('the schema of the registry', () => {
  let url: string;
  let drop: () => Promise<void>;
  let client: pg.Client;

  beforeAll(async () => {
    ({ url, drop } = await freshDatabase());
    // Two processes that start at once: one migrates, the other waits.
    const databases = [1, 2].map(() => new RegistryDatabase(url, new SilentLogger()));
    await Promise.all(databases.map((database) => database.openOnce()));
    await Promise.all(databases.map((database) => database.close()));
    client = new pg.Client({ connectionString: url });
    await client.connect();
  });
  afterAll(async () => {
    await client.end();
    await drop();
  });

  it('is the one that is committed', async () => {
    await expect(await dumpSchema(url, 'registry')).toMatchFileSnapshot('../../../schema.sql');
  });

  it('has every column of the entities, of the same type and nullability', async () => {
    const source = await new DataSource({ type: 'postgres', url, schema: 'registry', entities }).initialize();
    try {
      const said = source.entityMetadatas.flatMap(({ tableName, columns }) =>
        columns.map(
          (column) =>
            `${tableName}.${column.databaseName} ${column.isArray ? 'ARRAY' : String(column.type)} ${String(column.isNullable)}`,
        ),
      );
      const { rows } = await client.query<{ line: string }>(
        `select format('%s.%s %s %s', table_name, column_name,
           replace(data_type, 'timestamp with time zone', 'timestamptz'), (is_nullable = 'YES')::text) as line
         from information_schema.columns where table_schema = 'registry'`,
      );
      const held = new Set(rows.map(({ line }) => line));
      expect(said.filter((line) => !held.has(line))).toEqual([]);
    } finally {
      await source.destroy();
    }
  });

  it('says that the database is away instead of failing, and comes back with it', async () => {
    const database = new RegistryDatabase('postgres://nobody@127.0.0.1:1/nothing', new SilentLogger());
    await expect(database.query('select 1')).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
    const lasting = new RegistryDatabase(url, new SilentLogger());
    await lasting.openOnce();
    const broken = lasting.transaction(async () => {
      const [{ pid }] = await lasting.query<{ pid: number }[]>('select pg_backend_pid() as pid');
      await client.query('select pg_terminate_backend($1)', [pid]);
      return lasting.query('select 1');
    });
    await expect(broken).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
    expect(await lasting.query('select 1 as one')).toEqual([{ one: 1 }]);
    await lasting.close();
  });
});
