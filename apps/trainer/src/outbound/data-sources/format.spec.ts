import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { copyLimited } from './limited-copy.js';

describe('the copy of a data set', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'baton-copy-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  /** In pieces of two bytes, so that no piece tells the format alone. */
  const copied = (bytes: Uint8Array) =>
    copyLimited(
      Readable.from(
        Array.from({ length: Math.ceil(bytes.length / 2) }, (_, at) => Buffer.from(bytes.subarray(2 * at, 2 * at + 2))),
      ),
      folder,
      {
        maxBytes: 10_000,
        timeoutMs: 1000,
        signal: new AbortController().signal,
      },
    );
  const bytesOf = (text: string): Buffer => Buffer.from(text, 'latin1');

  it.each([
    ['CSV', bytesOf('a,y\n1,2\n'), 'csv'],
    ['nothing', bytesOf(''), 'csv'],
    ['packed CSV', gzipSync('a,y\n1,2\n'), 'csv.gz'],
    ['Parquet', bytesOf('PAR1rest'), 'parquet'],
  ])('is named by what it is: %s', async (_, bytes, format) => {
    const { path, sha256, sizeBytes, ...rest } = await copied(bytes);
    expect(rest.format).toBe(format);
    expect(basename(path)).toBe(`data.${format}`);
    expect(await readFile(path)).toEqual(bytes);
    expect(sizeBytes).toBe(bytes.length);
    expect(sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
  });

  it.each([
    ['an archive', bytesOf('PK\x03\x04....'), /ZIP archive or an Excel sheet/],
    ['another packing', zstdCompressSync('a,y\n'), /packed by zstd/],
    ['a page that says "log in"', bytesOf('\n<!DOCTYPE html><html>'), /page for browsers/],
    ['JSON', bytesOf('[{"a": 1}]'), /this one is JSON/],
    ['UTF-16', bytesOf('\xff\xfea\x00,\x00'), /UTF-16/],
  ])('is refused when it is %s, and leaves nothing', async (_, bytes, sentence) => {
    await expect(copied(bytes)).rejects.toThrow(sentence);
    expect(await readdir(folder)).toEqual([]);
  });
});
