/* eslint-disable @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-member-access -- answers are asserted on, field by field */
import http from 'node:http';
import { rm, writeFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, services } from '#testing';
import { PROXY, raw, readyRegistry, storesUnderTest } from './artifacts.behaviour.js';
import { trainAndRegister, type RegistryUnderTest } from './registry.behaviour.js';

describe.skipIf(!services().postgres).each(storesUnderTest())('transfers of artifacts in $store', ({ settings }) => {
  let registry: RegistryUnderTest;
  const at = (name: string): string => `${PROXY}/7/${name}`;
  const put = (name: string, body: string | Buffer, headers?: Record<string, string>) =>
    raw(registry.url, 'PUT', at(name), { body, headers });
  const get = (name: string, headers?: Record<string, string>, method = 'GET') =>
    raw(registry.url, method, at(name), { headers });

  beforeAll(async () => {
    registry = await readyRegistry(settings);
  });
  afterAll(() => registry.close());

  it('takes any content type, as a whole or in chunks, empty ones too', async () => {
    const body = Buffer.alloc(3_000_000, 'abc');
    const kinds: Record<string, string>[] = [
      {},
      { 'content-type': 'application/json' },
      { 'transfer-encoding': 'chunked' },
    ];
    for (const headers of kinds) {
      expect([(await put('any.json', body, headers)).status, headers]).toEqual([200, headers]);
      expect((await get('any.json')).body.equals(body)).toBe(true);
    }
    expect((await put('empty', '')).body.toString()).toBe('{}');
    expect((await get('empty')).headers).toMatchObject({ 'content-length': '0' });
  });

  it('says type, size and name, and nothing more for HEAD', async () => {
    await put('%c3%a9%20model.onnx', 'abc');
    for (const method of ['GET', 'HEAD']) {
      const { status, headers, body } = await get('%c3%a9%20model.onnx', {}, method);
      expect([status, body.toString()]).toEqual([200, method === 'GET' ? 'abc' : '']);
      expect(headers).toMatchObject({
        'content-type': 'application/octet-stream',
        'content-length': '3',
        'content-disposition': `attachment; filename="e model.onnx"; filename*=UTF-8''%C3%A9%20model.onnx`,
        'accept-ranges': 'bytes',
        'x-content-type-options': 'nosniff',
      });
    }
    expect((await get('none', {}, 'HEAD')).status).toBe(404);
  });

  it.each([
    ['bytes=0-0', 206, 'a', 'bytes 0-0/6'],
    ['bytes=2-', 206, 'cdef', 'bytes 2-5/6'],
    ['bytes=-2', 206, 'ef', 'bytes 4-5/6'],
    ['bytes=4-99', 206, 'ef', 'bytes 4-5/6'],
    ['bytes=6-', 416, '', 'bytes */6'],
    ['bytes=0-0,2-2', 200, 'abcdef', undefined],
    ['lines=1-2', 200, 'abcdef', undefined],
  ])('answers the range %s', async (range, status, body, contentRange) => {
    await put('ranged', 'abcdef');
    const answer = await get('ranged', { range });
    expect([answer.status, answer.body.toString()]).toEqual([status, body]);
    expect(answer.headers['content-range']).toBe(contentRange);
    if (status !== 416) expect(answer.headers['content-length']).toBe(String(body.length));
    const head = await get('ranged', { range }, 'HEAD');
    expect([head.status, head.headers['content-range'], head.body.length]).toEqual([status, contentRange, 0]);
  });

  it('tells a folder from a file and from nothing', async () => {
    await put('folder/file', 'x');
    const folder = await get('folder');
    expect([folder.status, JSON.parse(folder.body.toString())]).toMatchObject([
      400,
      { error_code: 'INVALID_PARAMETER_VALUE', message: "Artifact path refers to a directory, not a file: '7/folder'" },
    ]);
    const none = await get('none');
    expect([none.status, JSON.parse(none.body.toString())]).toMatchObject([
      404,
      { error_code: 'RESOURCE_DOES_NOT_EXIST', message: "No such artifact: '7/none'" },
    ]);
    expect((await raw(registry.url, 'DELETE', at('none'))).status).toBe(200);
  });

  it('keeps the old file when a client hangs up', async () => {
    await put('kept', 'old');
    for (const [name, value] of [
      ['content-length', '30000000'],
      ['transfer-encoding', 'chunked'],
    ])
      await new Promise<void>((done) => {
        const { hostname, port } = new URL(registry.url);
        const request = http.request({ hostname, port, method: 'PUT', path: at('kept'), headers: { [name]: value } });
        request.on('error', () => {
          done();
        });
        request.write(Buffer.alloc(20_000_000), () => request.destroy());
      });
    await put('after', 'x');
    expect((await get('kept')).body.toString()).toBe('old');
    const { files } = JSON.parse((await raw(registry.url, 'GET', `${PROXY}?path=7`)).body.toString());
    expect(files).toContainEqual({ path: 'kept', is_dir: false, file_size: 3 });
  });

  it('gives viewers the files of runs, versions and logged models', async () => {
    const { runId, modelId, version } = await trainAndRegister(registry, `viewed-${String(process.pid)}`, 0.5);
    const ask = (path: string) => raw(registry.url, 'GET', path);
    const uploaded = await raw(
      registry.url,
      'POST',
      `/ajax-api/2.0/mlflow/upload-artifact?run_uuid=${runId}&path=plots/a.json`,
      { body: '{"a":1}', headers: { 'content-type': 'application/json' } },
    );
    expect([uploaded.status, uploaded.body.toString()]).toEqual([200, '{}']);
    const viewed = await ask(`/get-artifact?run_uuid=${runId}&path=plots/a.json`);
    expect([viewed.status, viewed.body.toString(), viewed.headers['content-type']]).toEqual([
      200,
      '{"a":1}',
      'text/plain',
    ]);
    const ofVersion = await ask(`/model-versions/get-artifact?name=${String(version.name)}&version=1&path=MLmodel`);
    const ofModel = await ask(
      `/ajax-api/2.0/mlflow/logged-models/${modelId}/artifacts/files?artifact_file_path=MLmodel`,
    );
    expect([ofVersion.status, ofVersion.body.toString()]).toEqual([200, ofModel.body.toString()]);
    expect(ofModel.body.toString()).toContain('flavors:');
    expect(ofModel.headers['content-disposition']).toBe('attachment; filename=MLmodel');
  });

  it.each([
    ['/get-artifact?path=a', 400, 'INVALID_PARAMETER_VALUE', "'run_id'"],
    ['/get-artifact?run_id=none', 400, 'INVALID_PARAMETER_VALUE', "'path'"],
    ['/get-artifact?run_id=none&path=a', 404, 'RESOURCE_DOES_NOT_EXIST', 'Run'],
    ['/model-versions/get-artifact?name=no&version=1&path=a', 404, 'RESOURCE_DOES_NOT_EXIST', 'version=1'],
    ['/model-versions/get-artifact?name=no&version=x&path=a', 400, 'INVALID_PARAMETER_VALUE', 'version'],
    ['/ajax-api/2.0/mlflow/logged-models/m-1/artifacts/files', 400, 'BAD_REQUEST', 'artifact_file_path'],
    [
      '/ajax-api/2.0/mlflow/logged-models/m-1/artifacts/files?artifact_file_path=a',
      404,
      'RESOURCE_DOES_NOT_EXIST',
      'm-1',
    ],
  ])('GET %s is %d %s', async (path, status, code, message) => {
    const answer = await raw(registry.url, 'GET', path);
    const body = JSON.parse(answer.body.toString());
    expect([answer.status, body.error_code]).toEqual([status, code]);
    expect(body.message).toContain(message);
  });

  it('bounds what pages upload', async () => {
    const { run } = await registry.mlflow('POST', 'runs/create', { experiment_id: '0', start_time: 1 });
    const post = (query: string, body: string | Buffer) =>
      raw(registry.url, 'POST', `/ajax-api/2.0/mlflow/upload-artifact?${query}`, { body });
    const own = `run_uuid=${String(run.info.run_id)}&path=a`;
    for (const [query, body, message] of [
      ['path=a', 'x', 'Request must specify run_uuid.'],
      ['run_uuid=x', 'x', 'Request must specify path.'],
      [own, '', 'Request must specify data.'],
      [own, Buffer.alloc(10 * 1024 * 1024 + 1), 'Artifact size is too large. Max size is 10MB.'],
    ] as const) {
      const answer = await post(query, body);
      expect([answer.status, JSON.parse(answer.body.toString())]).toMatchObject([
        400,
        { error_code: 'INVALID_PARAMETER_VALUE', message },
      ]);
    }
    expect((await post(own, Buffer.alloc(10 * 1024 * 1024))).status).toBe(200);
    expect((await post('run_uuid=none&path=a', 'x')).status).toBe(404);
  });

  it('signs no URLs for proxied roots', async () => {
    const { run } = await registry.mlflow('POST', 'runs/create', { experiment_id: '0', start_time: 1 });
    const run_id = run.info.run_id as string;
    for (const [path, body, message] of [
      ['upload', { path: 'a' }, 'Exactly one of run_id and model_id must be provided.'],
      ['upload', { run_id }, "Missing value for required parameter 'path'"],
      ['upload', { run_id, path: '../a' }, 'Invalid path'],
      ['upload', { run_id, path: 'a' }, 'Presigned upload is not supported for proxied artifact storage'],
      ['download', { run_id, path: 'a' }, 'Presigned download is not supported for runs with proxied artifact storage'],
      ['download', { run_id, path: 'a', expiration: 0 }, 'expiration must be between 1 and 604800 seconds (got 0).'],
    ] as const) {
      const answer = await registry.call('POST', `/api/2.0/mlflow/artifacts/presigned-${path}-url`, body);
      expect(answer).toMatchObject({
        status: 400,
        body: { error_code: 'INVALID_PARAMETER_VALUE', message: expect.stringContaining(message) as string },
      });
    }
  });

  it('offers no direct transfers unless they are asked for', async () => {
    const { body } = await registry.call('GET', '/api/3.0/mlflow/server-info');
    expect(body).toMatchObject({ multipart_uploads_enabled: false, multipart_downloads_enabled: false });
    for (const [method, path] of [
      ['POST', 'mpu/create/7'],
      ['GET', 'presigned/7/a'],
    ]) {
      const answer = await registry.call(
        method,
        `/api/2.0/mlflow-artifacts/${path}`,
        method === 'POST' ? { path: '/tmp/a', num_parts: 1 } : undefined,
      );
      expect(answer).toMatchObject({ status: 501, body: { error_code: 'NOT_IMPLEMENTED' } });
    }
  });
});

describe.skipIf(!services().postgres)('a folder of artifacts that does not work', () => {
  it('is told without a path of ours', async () => {
    const registry = await readyRegistry({});
    await mkdir(join(registry.folder, 'mlflow-artifacts'), { recursive: true });
    await rm(join(registry.folder, '.staging'), { recursive: true, force: true });
    await raw(registry.url, 'PUT', `${PROXY}/1/a`, { body: 'x' });
    await rm(join(registry.folder, '.staging'), { recursive: true });
    await writeFile(join(registry.folder, '.staging'), 'in the way');
    const answer = await raw(registry.url, 'PUT', `${PROXY}/1/b`, { body: 'x' });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.body.toString()).not.toContain(registry.folder);
    expect(answer.body.toString()).not.toContain('/tmp');
    await eventually(() => registry.close());
  });
});
