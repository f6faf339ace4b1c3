/* eslint-disable @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-member-access -- answers are asserted on, field by field */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { services } from '#testing';
import { PROXY, raw, readyRegistry, storesUnderTest } from './artifacts.behaviour.js';
import type { Json, RegistryUnderTest } from './registry.behaviour.js';

describe.skipIf(!services().postgres || !services().s3)('direct transfers', () => {
  let registry: RegistryUnderTest;
  const ask = async (path: string, body?: object): Promise<{ status: number; body: Json }> =>
    registry.call(body === undefined ? 'GET' : 'POST', `/api/2.0/mlflow-artifacts/${path}`, body);

  beforeAll(async () => {
    const s3 = storesUnderTest().find(({ store }) => store === 'S3')?.settings ?? {};
    // Another name for the same server: what is signed must name it.
    const publicEndpoint = String(s3.S3_ENDPOINT).replace('127.0.0.1', 'localhost');
    registry = await readyRegistry({ ...s3, ARTIFACTS_DIRECT: 'true', S3_PUBLIC_ENDPOINT: publicEndpoint });
  });
  afterAll(() => registry.close());

  it('are told of', async () => {
    const { body } = await registry.call('GET', '/api/3.0/mlflow/server-info');
    expect(body).toMatchObject({ multipart_uploads_enabled: true, multipart_downloads_enabled: true });
  });

  it.each(['big.bin', '100%.txt', "q'uo(te)*", 'é ü+&=.bin'])(
    'take %s in parts and give it in ranges',
    async (name) => {
      const parts = [Buffer.alloc(5 * 1024 * 1024, 'a'), Buffer.from('the rest')];
      const begun = await ask('mpu/create/3/dir', { path: `/home/me/${name}`, num_parts: 2 });
      expect(begun.status).toBe(200);
      const etags: object[] = [];
      for (const [i, { url, part_number, headers }] of (begun.body.credentials as Json[]).entries()) {
        expect(new URL(url as string).hostname).toBe('localhost');
        const sent = await fetch(url as string, { method: 'PUT', body: parts[i], headers });
        expect(sent.status).toBe(200);
        etags.push({ part_number, etag: sent.headers.get('etag'), url });
      }
      const { upload_id } = begun.body;
      const at = `${PROXY}/3/dir/${encodeURIComponent(name)}`;
      expect((await raw(registry.url, 'HEAD', at)).status).toBe(404);
      expect(await ask('mpu/complete/3/dir', { path: name, upload_id, parts: etags })).toEqual({
        status: 200,
        body: {},
      });
      expect((await raw(registry.url, 'GET', at)).body.equals(Buffer.concat(parts))).toBe(true);
      const { status, body } = await ask(`presigned/3/dir/${encodeURIComponent(name)}`);
      expect([status, body.file_size, body.headers]).toEqual([200, parts[0].length + 8, {}]);
      const piece = await fetch(body.url as string, { headers: { range: `bytes=${String(parts[0].length)}-` } });
      expect([piece.status, await piece.text()]).toEqual([206, 'the rest']);
      expect(piece.headers.get('content-disposition')).toMatch(/^attachment; filename=/);
    },
  );

  it('reach nothing but the file they were asked for', async () => {
    await raw(registry.url, 'PUT', `${PROXY}/3/own`, { body: 'own' });
    await raw(registry.url, 'PUT', `${PROXY}/3/other`, { body: 'other' });
    const { body } = await ask('presigned/3/own');
    const url = String(body.url);
    expect((await fetch(url)).status).toBe(200);
    expect((await fetch(url.replace('/own?', '/other?'))).status).toBe(403);
    expect((await fetch(url, { method: 'PUT', body: 'x' })).status).toBe(403);
    const begun = await ask('mpu/create/3', { path: 'f', num_parts: 1 });
    const part = String(begun.body.credentials[0].url);
    expect((await fetch(part.replace('partNumber=1', 'partNumber=2'), { method: 'PUT', body: 'x' })).status).toBe(403);
    expect(await ask('mpu/abort/3', { path: 'f', upload_id: begun.body.upload_id })).toMatchObject({ status: 200 });
  });

  it('leave nothing when they are aborted, and say what is wrong', async () => {
    const begun = await ask('mpu/create/3', { path: 'aborted', num_parts: 1 });
    const { upload_id } = begun.body;
    await ask('mpu/abort/3', { path: 'aborted', upload_id });
    const parts = [{ part_number: 1, etag: 'x' }];
    for (const [path, wish] of [
      ['mpu/complete/3', { path: 'aborted', upload_id, parts }],
      ['mpu/abort/3', { path: 'aborted', upload_id }],
      ['mpu/complete/3', { path: 'aborted', upload_id: 'no-such', parts }],
      ['mpu/complete/3', { path: 'aborted', upload_id }],
      ['mpu/create/3', { num_parts: 1 }],
      ['mpu/create/3', { path: 'f', num_parts: 0 }],
      ['mpu/create/3', { path: 'f', num_parts: 10_001 }],
      ['mpu/create/3', { path: '..' }],
      ['mpu/create/3', { path: '%2e%2e' }],
      ['mpu/create/3', { path: 'a%2fb' }],
      ['mpu/create/3', { path: 'x/' }],
    ] as const)
      expect(await ask(path, wish)).toMatchObject({ status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } });
    expect(await ask('presigned/3/aborted')).toMatchObject({
      status: 404,
      body: { error_code: 'RESOURCE_DOES_NOT_EXIST' },
    });
  });
});
