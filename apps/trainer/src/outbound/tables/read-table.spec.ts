import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DataFormat } from '../../core/data-sources.js';
import type { TableRequest } from '../../core/tables/table-builder.js';
import { readTable } from './read-table.js';

/** Written by pyarrow 22. */
const sample = (name: string) => new URL(`samples/${name}.parquet`, import.meta.url).pathname;
const request: TableRequest = { task: 'classification', maxRows: 1_000 };

describe('readTable', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'baton-tables-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const read = async (bytes: Uint8Array | string, format: DataFormat, maxBytes = 1_000_000) => {
    const path = join(folder, 'data');
    await writeFile(path, bytes);
    return readTable({ path, format, maxBytes }, request);
  };
  const parquet = (name: string, given: Partial<TableRequest> = {}, maxBytes = 1_000_000) =>
    readTable({ path: sample(name), format: 'parquet', maxBytes }, { ...request, ...given });

  it('reads CSV, packed or not', async () => {
    const csv = 'a,b,y\n1,x,0\n2,,1\n';
    const plain = await read(csv, 'csv');
    expect(plain).toMatchObject({ rowCount: 2, columns: [{ kind: 'number' }, { kind: 'category' }] });
    expect(await read(gzipSync(csv), 'csv.gz')).toEqual(plain);
  });

  it('stops at what a packed file may unpack to', async () => {
    const bomb = gzipSync(`a,y\n${'1,0\n'.repeat(2_000_000)}`);
    expect(bomb.length).toBeLessThan(30_000);
    await expect(read(bomb, 'csv.gz', 1_000_000)).rejects.toMatchObject({
      code: 'DATASET_INVALID',
      detail: expect.stringMatching(/unpacks to more than 1000000|more than 1000 rows/) as string,
    });
    await expect(read(gzipSync(`a,y\n${' '.repeat(5_000_000)}`), 'csv.gz', 10_000)).rejects.toThrow(/unpacks to more/);
  });

  it.each([
    ['cut off', gzipSync('a,y\n1,0\n2,1\n').subarray(0, 20)],
    ['damaged', Buffer.from(gzipSync('a,y\n1,0\n2,1\n')).fill(7, 12, 20)],
  ])('refuses a packed file that is %s', async (_, bytes) => {
    await expect(read(bytes, 'csv.gz')).rejects.toThrow(/DATASET_INVALID.*cannot be unpacked/);
  });

  it('reads Parquet with its gaps, over row groups', async () => {
    const { columns, target, rowCount } = await parquet('mixed');
    expect(rowCount).toBe(4);
    expect(columns).toEqual([
      { kind: 'number', name: 'age', values: Float32Array.of(30, NaN, 15, 41) },
      { kind: 'number', name: 'income', values: Float32Array.of(1.5, NaN, NaN, -2.25) },
      { kind: 'category', name: 'city', codes: Int32Array.of(0, 1, -1, 0), categories: ['Ulm', 'Köln'] },
      { kind: 'number', name: 'member', values: Float32Array.of(1, 0, NaN, 1) },
      { kind: 'number', name: 'id', values: Float32Array.of(9007199254740992, 1, 2, 3) },
    ]);
    expect(target).toMatchObject({ classes: ['no', 'yes'], ids: Int32Array.of(1, 0, 0, 1) });
  });

  it('keeps the digits of labels, and takes declared categories from numbers', async () => {
    const { columns, target } = await parquet('mixed', {
      target: 'id',
      features: ['age', 'y'],
      types: { age: 'category' },
    });
    expect(target).toMatchObject({ classes: ['1', '2', '3', '9007199254740993'] });
    expect(columns[0]).toMatchObject({ kind: 'category', categories: ['30', '15', '41'] });
  });

  it('reads decimals, and refuses what is neither number nor text unless it is left out', async () => {
    const { columns } = await parquet('kinds', { features: ['price'] });
    expect(columns).toEqual([{ kind: 'number', name: 'price', values: Float32Array.of(1.25, 3.5) }]);
    await expect(parquet('kinds', { drop: ['tags'] })).rejects.toThrow(/"when" holds dates or times.*dataset.drop/);
    await expect(parquet('kinds', { drop: ['when'] })).rejects.toThrow(/"tags" holds nested values/);
  });

  it('refuses Parquet that is too large by what it says of itself, and what is damaged', async () => {
    await expect(parquet('mixed', { maxRows: 3 })).rejects.toThrow(/DATASET_INVALID.*more than 3 rows/);
    await expect(parquet('mixed', {}, 100)).rejects.toThrow(/unpacks to more than 100 bytes/);
    await expect(read('PAR1 and nothing more', 'parquet')).rejects.toThrow(/DATASET_INVALID.*not readable as Parquet/);
    await expect(read(Buffer.concat([Buffer.from('PAR1'), Buffer.alloc(500, 255), Buffer.from('PAR1')]), 'parquet')).rejects.toThrow(/not readable as Parquet/); // prettier-ignore
  });
});
