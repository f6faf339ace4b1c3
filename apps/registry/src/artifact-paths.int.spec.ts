/* eslint-disable @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-member-access -- answers are asserted on, field by field */
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ArtifactStore } from '#artifacts';
import { services } from '#testing';
import { PROXY, raw, readyRegistry, storesUnderTest } from './artifacts.behaviour.js';
import type { RegistryUnderTest } from './registry.behaviour.js';

const refused = [
  '..',
  '../x',
  'a/../../x',
  'a/..',
  '%2e%2e/x',
  '.%2e/x',
  '..%2fx',
  '%2e%2e%2fx',
  'a/%252e%252e/x',
  '%252e%252e%252fx',
  '%25252e%25252e/x',
  '..%5cx',
  '..%255cx',
  'a%5cb',
  '%2fetc/passwd',
  '%2f%2fetc/passwd',
  'C:/x',
  'c%3a/x',
  'file:///etc/passwd',
  'a%23b',
  'a%2523b',
  'a%00b',
  'a%2500',
  'a%0ab',
  'a%0d%0ax-evil:%201',
  '%25ff',
  'x'.repeat(256),
];
/** On the wire → as it is kept and listed. */
const odd: [string, string][] = [
  ['sp%20ace', 'sp ace'],
  ['plus+', 'plus+'],
  ['100%25.txt', '100%.txt'],
  ['%2525', '%'],
  ['%c3%a9', 'é'],
  ['e%cc%81', 'e\u0301'],
  ['%e6%97%a5%e6%9c%ac', '日本'],
  ['a..b', 'a..b'],
  ['...', '...'],
  ['.hidden', '.hidden'],
  ['q%22uo%27te', 'q"uo\'te'],
  ['a:b', 'a:b'],
  ['a%3fb%26c=d;e', 'a?b&c=d;e'],
  ['%3cb%3e', '<b>'],
  ['~', '~'],
  ['007', '007'],
  ['x'.repeat(255), 'x'.repeat(255)],
];

describe.skipIf(!services().postgres).each(storesUnderTest())('artifact paths in $store', ({ settings }) => {
  let registry: RegistryUnderTest;
  let root: string;
  let runId: string;
  const ask = (method: string, path: string, body?: string) => raw(registry.url, method, path, { body });

  beforeAll(async () => {
    registry = await readyRegistry(settings);
    const { run } = await registry.mlflow('POST', 'runs/create', { experiment_id: '0', start_time: 1 });
    runId = run.info.run_id as string;
    root = (run.info.artifact_uri as string).replace('mlflow-artifacts:/', '');
    await registry.app.get(ArtifactStore).put(`sha256/${'0f'.repeat(32)}`, Buffer.from('frozen'));
  });
  afterAll(() => registry.close());

  it.each(refused)('%s leads nowhere, by any route', async (path) => {
    const asText = decodeURIComponent(path.replaceAll('+', ' '));
    const query = encodeURIComponent(asText);
    const json = { 'content-type': 'application/json' };
    const answers = await Promise.all([
      ask('PUT', `${PROXY}/${path}`, 'x'),
      ask('GET', `${PROXY}/${path}`),
      ask('DELETE', `${PROXY}/${path}`),
      ask('GET', `${PROXY}?path=${query}`),
      ask('GET', `/api/2.0/mlflow-artifacts/presigned/${path}`),
      raw(registry.url, 'POST', `/api/2.0/mlflow-artifacts/mpu/create/${path}`, {
        body: '{"path":"f"}',
        headers: json,
      }),
      ask('GET', `/api/2.0/mlflow/artifacts/list?run_id=${runId}&path=${query}`),
      ask('GET', `/get-artifact?run_id=${runId}&path=${query}`),
      ask('GET', `/model-versions/get-artifact?name=m&version=1&path=${query}`),
      ask('GET', `/ajax-api/2.0/mlflow/logged-models/m-1/artifacts/files?artifact_file_path=${query}`),
      ask('POST', `/ajax-api/2.0/mlflow/upload-artifact?run_uuid=${runId}&path=${query}`, 'x'),
    ]);
    for (const { status, body } of answers) {
      expect([status, body.toString()]).toEqual([
        400,
        expect.stringMatching(/INVALID_PARAMETER_VALUE.*(Invalid path|cannot contain NUL)/),
      ]);
      expect(body.toString()).not.toContain(registry.folder);
    }
  });

  it.each(odd)('%s is a name like any other', async (wire, name) => {
    const at = `${PROXY}/${root}/odd/${wire}`;
    expect((await ask('PUT', at, name)).status).toBe(200);
    const got = await ask('GET', at);
    expect([got.status, got.body.toString()]).toEqual([200, name]);
    expect(got.headers['content-disposition']).toMatch(/^attachment; filename=/);
    const listed = await ask('GET', `${PROXY}?path=${encodeURIComponent(`${root}/odd`)}`);
    expect(JSON.parse(listed.body.toString()).files).toContainEqual({
      path: name,
      is_dir: false,
      file_size: Buffer.byteLength(name),
    });
    const { files } = await registry.mlflow('GET', `artifacts/list?run_id=${runId}&path=odd`);
    expect(files).toContainEqual({ path: `odd/${name}`, is_dir: false, file_size: Buffer.byteLength(name) });
    const viewed = await ask('GET', `/get-artifact?run_id=${runId}&path=${encodeURIComponent(`odd/${name}`)}`);
    expect([viewed.status, viewed.body.toString()]).toEqual([200, name]);
    expect((await ask('DELETE', at)).status).toBe(200);
    expect((await ask('GET', at)).status).toBe(404);
  });

  it('never reaches frozen models', async () => {
    const blob = `sha256/${'0f'.repeat(32)}`;
    expect((await ask('GET', `${PROXY}/${blob}`)).status).toBe(404);
    await ask('DELETE', `${PROXY}/sha256`);
    await ask('PUT', `${PROXY}/${blob}`, 'x');
    expect(await registry.app.get(ArtifactStore).stat(blob)).toEqual({ sizeBytes: 6 });
  });

  it('a folder whose name begins like another is another', async () => {
    for (const path of ['1/ab/f', '1/abc/f', '1/ab.txt']) await ask('PUT', `${PROXY}/${path}`, 'x');
    const listed = await ask('GET', `${PROXY}?path=1/ab`);
    expect(JSON.parse(listed.body.toString())).toEqual({ files: [{ path: 'f', is_dir: false, file_size: 1 }] });
    await ask('DELETE', `${PROXY}/1/ab`);
    expect((await ask('GET', `${PROXY}/1/ab/f`)).status).toBe(404);
    expect((await ask('GET', `${PROXY}/1/abc/f`)).status).toBe(200);
    expect((await ask('GET', `${PROXY}/1/ab.txt`)).status).toBe(200);
  });

  it('the root is neither removed nor written', async () => {
    for (const path of ['', '/', '/.', '/./']) {
      expect([path, (await ask('DELETE', `${PROXY}/${path}`)).status]).toEqual([path, 400]);
      expect([path, (await ask('PUT', `${PROXY}/${path}`, 'x')).status]).toEqual([path, 400]);
    }
    expect((await ask('GET', `${PROXY}/1/abc/f`)).status).toBe(200);
  });
});

describe.skipIf(!services().postgres)('links in the folder of the artifacts', () => {
  it('lead nowhere', async () => {
    const registry = await readyRegistry({});
    const inside = join(registry.folder, 'mlflow-artifacts', '5');
    const outside = join(registry.folder, '..', `outside-${String(process.pid)}`);
    await mkdir(inside, { recursive: true });
    await mkdir(outside, { recursive: true });
    await writeFile(join(outside, 'secret'), 'secret');
    await symlink(outside, join(inside, 'folder'));
    await symlink(join(outside, 'secret'), join(inside, 'file'));
    for (const path of ['5/folder/secret', '5/file']) {
      expect((await raw(registry.url, 'GET', `${PROXY}/${path}`)).status).toBe(404);
      expect((await raw(registry.url, 'HEAD', `${PROXY}/${path}`)).status).toBe(404);
    }
    const written = await raw(registry.url, 'PUT', `${PROXY}/5/folder/new`, { body: 'x' });
    expect(written.status).toBe(400);
    expect(written.body.toString()).not.toContain(registry.folder);
    await raw(registry.url, 'DELETE', `${PROXY}/5`);
    const { readdir, rm } = await import('node:fs/promises');
    expect(await readdir(outside)).toEqual(['secret']);
    await rm(outside, { recursive: true });
    await registry.close();
  });
});
