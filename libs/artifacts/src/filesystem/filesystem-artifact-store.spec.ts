import { mkdtemp, mkdir, readdir, rm, symlink, writeFile, readFile, realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { artifactStoreBehaviour } from '../artifact-store.behaviour.js';
import { FilesystemArtifactStore } from './filesystem-artifact-store.js';

const temporary = async (): Promise<string> => realpath(await mkdtemp(join(tmpdir(), 'baton-artifacts-')));
const text = Buffer.from('x');

artifactStoreBehaviour('FilesystemArtifactStore', async () => {
  const folder = await temporary();
  return {
    store: new FilesystemArtifactStore(join(folder, 'made', 'at', 'first-use')),
    close: async () => {
      const left = await readdir(join(folder, 'made', 'at', 'first-use', '.staging'));
      await rm(folder, { recursive: true });
      expect(left).toEqual([]);
    },
  };
});

describe('FilesystemArtifactStore and symbolic links', () => {
  let folder: string;
  let store: FilesystemArtifactStore;
  beforeAll(async () => {
    folder = await temporary();
    await mkdir(join(folder, 'outside'));
    await writeFile(join(folder, 'outside', 'secret'), 'secret');
    store = new FilesystemArtifactStore(join(folder, 'root'));
    await store.put('in/file', text);
    await symlink(join(folder, 'outside'), join(folder, 'root', 'way-out'));
    await symlink(join(folder, 'outside', 'secret'), join(folder, 'root', 'in', 'link'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('reads neither through a linked folder nor a linked file, and does not list them', async () => {
    for (const key of ['way-out/secret', 'in/link']) {
      await expect(store.get(key)).rejects.toMatchObject({ code: 'ARTIFACT_NOT_FOUND' });
      expect(await store.stat(key)).toBeUndefined();
    }
    expect(await store.list('way-out')).toEqual([]);
    expect(await store.list('in')).toEqual([{ key: 'in/file', isDirectory: false, sizeBytes: 1 }]);
  });

  it('writes and removes nothing outside', async () => {
    for (const key of ['way-out/secret', 'way-out/new/deep/file', 'way-out/new'])
      await expect(store.put(key, text)).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
    await store.remove('way-out/secret');
    expect(await readdir(join(folder, 'outside'))).toEqual(['secret']);
    await store.put('in/link', text);
    expect(await readFile(join(folder, 'outside', 'secret'), 'utf8')).toBe('secret');
  });

  it('a root that is reached over a link is no offence', async () => {
    await symlink(join(folder, 'root'), join(folder, 'alias'));
    expect(await new FilesystemArtifactStore(join(folder, 'alias')).stat('in/file')).toEqual({ sizeBytes: 1 });
  });
});

describe('FilesystemArtifactStore and what stands in the way', () => {
  it('a file can not become a folder, nor a folder a file', async () => {
    const folder = await temporary();
    const store = new FilesystemArtifactStore(folder);
    await store.put('a/b', text);
    await expect(store.put('a', text)).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(store.put('a/b/c', text)).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(store.put('.staging/x', text)).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
    await rm(folder, { recursive: true });
  });

  it('a folder that can not be made is an unavailable store, until it can', async () => {
    const folder = await temporary();
    await writeFile(join(folder, 'taken'), '');
    const store = new FilesystemArtifactStore(join(folder, 'taken'));
    expect(await store.healthy()).toBe(false);
    await expect(store.put('a', text)).rejects.toThrow();
    await rm(join(folder, 'taken'));
    await store.put('a', text);
    expect(await store.healthy()).toBe(true);
    await rm(folder, { recursive: true });
  });
});
