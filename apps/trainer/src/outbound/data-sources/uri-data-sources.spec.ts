import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InMemoryArtifactStore } from '#artifacts/memory';
import { UriDataSources, type DataSourceOptions } from './uri-data-sources.js';

const rows = 'a,b,y\n1,2,0\n';
/** A few bytes, and then silence. */
const stalling = (): Readable => {
  const body = new Readable({ read: () => undefined });
  body.push(rows);
  return body;
};
const never = new AbortController().signal;
const says = (pattern: RegExp): string => expect.stringMatching(pattern) as string;

describe('data sources', () => {
  let base: string;
  let root: string;
  let folder: string;
  let server: Server | undefined;
  beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), 'baton-data-'));
    root = join(base, 'root');
    folder = join(base, 'work');
    await mkdir(join(root, 'sub'), { recursive: true });
    await mkdir(folder);
    await mkdir(join(base, 'root-beside'));
    await writeFile(join(root, 'rows.csv'), rows);
    await writeFile(join(root, 'sub', 'two words.csv'), rows);
    await writeFile(join(base, 'secret.csv'), rows);
    await writeFile(join(base, 'root-beside', 'secret.csv'), rows);
    await symlink(join(base, 'secret.csv'), join(root, 'link.csv'));
    await symlink(base, join(root, 'way-out'));
    await symlink('rows.csv', join(root, 'alias.csv'));
  });
  afterEach(async () => {
    server?.closeAllConnections();
    server?.close();
    await rm(base, { recursive: true, force: true });
  });

  const fetched = async (uri: string, over: Partial<DataSourceOptions> = {}, signal = never) => {
    const sources = new UriDataSources({
      dataRoot: root,
      allowPrivate: true,
      maxBytes: 1000,
      timeoutMs: 5_000,
      ...over,
    });
    return readFile((await sources.fetch(uri, folder, signal)).path, 'utf8');
  };
  const serve = async (listener: RequestListener): Promise<string> => {
    server = createServer(listener);
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  };

  it.each([
    ['iris', 150, 5],
    ['builtin:wine', 178, 14],
    ['breast-cancer', 569, 31],
    ['diabetes', 442, 11],
  ])('has %s', async (uri, rowCount, columns) => {
    const lines = (await fetched(uri)).trimEnd().split('\n');
    expect(lines).toHaveLength(rowCount + 1);
    for (const line of lines) expect(line.split(',')).toHaveLength(columns);
  });

  it('reads a file by a relative path, an absolute one, and through a link that stays inside', async () => {
    const absolute = `file://${root}/sub/two%20words.csv`;
    for (const uri of ['file:rows.csv', 'file:sub/../rows.csv', 'file:alias.csv', absolute])
      expect(await fetched(uri)).toBe(rows);
  });

  it.each([
    'file:../secret.csv',
    'file:%2e%2e/secret.csv',
    'file:sub/../../secret.csv',
    'file:../root-beside/secret.csv',
    'file:///etc/passwd',
    'file:/etc/passwd',
    'file:link.csv',
    'file:way-out/secret.csv',
    'file:way-out/root-beside/secret.csv',
    'file://elsewhere/rows.csv',
    'file:rows.csv%00.txt',
    'file:%zz',
    'file:sub',
    'file:',
  ])('does not leave the root: %s', async (uri) => {
    await expect(fetched(uri)).rejects.toMatchObject({ code: 'DATASET_INVALID' });
    expect(await readdir(folder)).toEqual([]);
  });

  it('refuses files without a root, tells a missing one, and keeps the limit', async () => {
    await expect(fetched('file:rows.csv', { dataRoot: undefined })).rejects.toMatchObject({
      code: 'DATASET_INVALID',
      detail: says(/TRAINER_DATA_ROOT/),
    });
    await expect(fetched('file:none.csv')).rejects.toMatchObject({ code: 'DATASET_UNREACHABLE' });
    await expect(fetched('file:rows.csv', { maxBytes: 5 })).rejects.toMatchObject({
      code: 'DATASET_INVALID',
      detail: says(/larger than 5 bytes/),
    });
  });

  it.each([
    ['ftp://host/rows.csv', /ftp/],
    ['titanic', /only iris, wine/],
    ['http://user:pass@host/rows.csv', /must not carry/],
    ['s3://bucket', /s3:\/\/bucket\/key/],
    ['constructor', /no bundled/],
  ])('refuses %s', async (uri, sentence) => {
    await expect(fetched(uri, { bucket: () => new InMemoryArtifactStore() })).rejects.toMatchObject({
      code: 'DATASET_INVALID',
      detail: says(sentence),
    });
  });

  it('downloads by http, following redirects', async () => {
    const url = await serve((request, response) => {
      if (request.url === '/moved') response.writeHead(302, { location: '/rows' }).end();
      else response.end(rows);
    });
    expect(await fetched(`${url}/rows`)).toBe(rows);
    expect(await fetched(`${url}/moved`)).toBe(rows);
  });

  it.each([
    ['an error', 'DATASET_UNREACHABLE', /404/, (_, response) => response.writeHead(404).end()],
    [
      'redirects without end',
      'DATASET_UNREACHABLE',
      /too often/,
      (_, response) => response.writeHead(302, { location: '/' }).end(),
    ],
    [
      'a way to a file',
      'DATASET_INVALID',
      /http/,
      (_, response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end(),
    ],
    ['too much, announced', 'DATASET_INVALID', /larger/, (_, response) => response.end('x'.repeat(5000))],
    [
      'too much, unannounced',
      'DATASET_INVALID',
      /larger/,
      (_, response) => {
        response.write('x'.repeat(800));
        response.end('x'.repeat(800));
      },
    ],
    [
      'half of it',
      'DATASET_UNREACHABLE',
      /could not be fetched/,
      (_, response) => {
        response.writeHead(200, { 'content-length': '500' });
        response.write('x');
        setTimeout(() => response.destroy(), 50);
      },
    ],
  ] as [string, string, RegExp, RequestListener][])(
    'tells of a server that answers with %s, and leaves nothing',
    async (_, code, sentence, listener) => {
      const url = await serve(listener);
      await expect(fetched(url)).rejects.toMatchObject({ code, detail: says(sentence) });
      expect(await readdir(folder)).toEqual([]);
    },
  );

  it('tells of a server that does not answer, in time', async () => {
    const url = await serve(() => undefined);
    await expect(fetched(url, { timeoutMs: 200 })).rejects.toMatchObject({
      code: 'DATASET_UNREACHABLE',
      detail: says(/not within 200 ms/),
    });
    await new Promise((resolve) => {
      server?.closeAllConnections();
      server?.close(resolve);
    });
    await expect(fetched(url)).rejects.toMatchObject({
      code: 'DATASET_UNREACHABLE',
      detail: says(/ECONNREFUSED/),
    });
  });

  it('ends a download when it is told to', async () => {
    const cancel = new AbortController();
    const reason = new Error('enough');
    const url = await serve(() => {
      cancel.abort(reason);
    });
    await expect(fetched(url, {}, cancel.signal)).rejects.toBe(reason);
  });

  it('copies an object of a bucket', async () => {
    const store = new InMemoryArtifactStore();
    await store.put('folder/rows.csv', Buffer.from(rows));
    const asked: string[] = [];
    const bucket = (name: string) => {
      asked.push(name);
      return store;
    };
    expect(await fetched('s3://data-sets/folder/rows.csv', { bucket })).toBe(rows);
    expect(asked).toEqual(['data-sets']);
    await expect(fetched('s3://data-sets/none.csv', { bucket })).rejects.toMatchObject({ code: 'DATASET_UNREACHABLE' });
    await expect(fetched('s3://data-sets/../rows.csv', { bucket })).rejects.toMatchObject({
      code: 'DATASET_INVALID',
    });
    await expect(fetched('s3://data-sets/rows.csv')).rejects.toMatchObject({
      code: 'DATASET_INVALID',
      detail: says(/S3_ENDPOINT/),
    });
  });

  it.each([
    ['does not answer', () => new Promise<never>(() => undefined)],
    ['stops in the middle', () => Promise.resolve({ body: stalling(), sizeBytes: 500 })],
  ])('waits for a bucket that %s no longer than it may, or until it is told to stop', async (_, get) => {
    const bucket = () => Object.assign(new InMemoryArtifactStore(), { get });
    await expect(fetched('s3://data-sets/rows.csv', { bucket, timeoutMs: 200 })).rejects.toMatchObject({
      code: 'DATASET_UNREACHABLE',
      detail: says(/not within 200 ms/),
    });
    const cancel = new AbortController();
    const reason = new Error('enough');
    const waiting = fetched('s3://data-sets/rows.csv', { bucket }, cancel.signal);
    cancel.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    expect(await readdir(folder)).toEqual([]);
  });

  it('lets an object go that comes too late', async () => {
    const body = stalling();
    const late = Promise.withResolvers<{ body: Readable; sizeBytes: number }>();
    const bucket = () => Object.assign(new InMemoryArtifactStore(), { get: () => late.promise });
    await expect(fetched('s3://data-sets/rows.csv', { bucket, timeoutMs: 50 })).rejects.toThrow(/not within/);
    late.resolve({ body, sizeBytes: 500 });
    await late.promise;
    await new Promise(setImmediate);
    expect(body.destroyed).toBe(true);
  });
});
