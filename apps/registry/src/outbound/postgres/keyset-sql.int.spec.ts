import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshDatabase, services } from '#testing';
import { behindSql } from './keyset-sql.js';
import type { RegistryDatabase } from './registry-database.js';
import { searchPage } from './search-page.js';
import { Conditions, orderBySql, type OrderTerm } from './search-sql.js';

/** Few values and many rows: every page ends in the midst of equal ones, of missing ones too. */
const rows = [1, 1, 1, 2, null, null, null, 0.1, 0.1, -3, 1e300, null].map((metric, at) => ({
  metric,
  name: ['a', 'b', null][at % 3],
  key: at,
}));
type Row = (typeof rows)[number];

const term = (sql: keyof Row, type: OrderTerm['type'], ascending: boolean): OrderTerm => ({
  sql,
  type,
  ascending,
  ...(sql === 'key' ? {} : { nullable: true as const }),
});
const metric = (ascending: boolean) => term('metric', 'double precision', ascending);
const name = (ascending: boolean) => term('name', 'text', ascending);
const key = (ascending: boolean) => term('key', 'bigint', ascending);
const both = [true, false];
const orders = [
  ...both.flatMap((first) => both.map((last) => [metric(first), key(last)])),
  ...both.flatMap((first) => both.flatMap((second) => both.map((last) => [metric(first), name(second), key(last)]))),
  ...both.map((only) => [key(only)]),
];

describe.skipIf(!services().postgres)('pages of rows that are equal in what they are ordered by', () => {
  let client: pg.Client;
  let drop: () => Promise<void>;
  const database = {
    query: async (sql: string, parameters: unknown[]) => (await client.query(sql, parameters)).rows as Row[],
  } as unknown as RegistryDatabase;

  beforeAll(async () => {
    const made = await freshDatabase();
    drop = made.drop;
    client = new pg.Client({ connectionString: made.url });
    await client.connect();
    await client.query('create table rows (metric double precision, name text, key bigint primary key)');
    for (const { metric: value, name: text, key: at } of rows)
      await client.query('insert into rows values ($1, $2, $3)', [value, text, at]);
  });
  afterAll(async () => {
    await client.end();
    await drop();
  });

  const page = (terms: readonly OrderTerm[], limit: number, after?: readonly (string | null)[]) =>
    searchPage<{ key: string }>(
      database,
      { select: 'key', from: 'rows', conditions: new Conditions(), terms },
      { limit, offset: 0, ...(after && { after: [...after] }) },
    );

  it.each(orders.map((terms) => [orderBySql(terms), terms] as const))('%s: each row comes once', async (sql, terms) => {
    const expected = (await client.query<{ key: string }>(`select key from rows order by ${sql}`)).rows;
    for (const limit of [1, 2, 3, 5]) {
      const found: string[] = [];
      let after: readonly (string | null)[] | undefined;
      do {
        const { items, nextAfter } = await page(terms, limit, after);
        found.push(...items.map((item) => item.key));
        after = nextAfter;
      } while (after !== undefined && found.length <= rows.length);
      expect(found).toEqual(expected.map((row) => row.key));
    }
  });

  it.each<[string, (string | null)[]]>([
    ['too few values', ['1']],
    ['too many values', ['1', '2', '3']],
    ['a text for a number', ['x', '1']],
    ['SQL for a number', ['1 or true', '1']],
    ['nothing for what is never missing', ['1', null]],
    ['a number beyond the type', ['1', '9'.repeat(30)]],
  ])('refuses a token of %s', (_, after) => {
    expect(() => behindSql([metric(true), key(true)], after, new Conditions())).toThrow('Invalid page token');
  });
});
