import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SilentLogger } from '#runtime';
import { dumpSchema, freshDatabase, services } from '#testing';
import { TrainerDatabase } from './trainer-database.js';

describe.skipIf(services().postgres === undefined)('the schema of the trainer', () => {
  let db: Awaited<ReturnType<typeof freshDatabase>>;
  let database: TrainerDatabase;
  beforeAll(async () => {
    db = await freshDatabase();
    database = new TrainerDatabase(db.url, new SilentLogger());
    await database.use(() => Promise.resolve());
  });
  afterAll(async () => {
    await database.close();
    await db.drop();
  });

  it('is the one that is committed', async () => {
    await expect(await dumpSchema(db.url, 'trainer')).toMatchFileSnapshot('../../../schema.sql');
  });

  it('has every column of the entities, of the same type and nullability, and no other', async () => {
    const types: Record<string, string> = { timestamptz: 'timestamp with time zone', int: 'integer' };
    await database.use(async (source) => {
      const said = source.entityMetadatas.flatMap(({ tableName, columns }) =>
        columns.map(({ databaseName, type, isNullable }) => {
          const named = String(type);
          return `${tableName}.${databaseName} ${types[named] ?? named}${isNullable ? '' : ' not null'}`;
        }),
      );
      const held = await source.query<{ line: string }[]>(
        `select format('%s.%s %s%s', table_name, column_name, data_type, case is_nullable when 'NO' then ' not null' end) as line
         from information_schema.columns where table_schema = 'trainer' and table_name in ('jobs', 'cancellations')`,
      );
      expect(said.sort()).toEqual(held.map(({ line }) => line).sort());
    });
  });
});
