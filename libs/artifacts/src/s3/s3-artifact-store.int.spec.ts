import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { services, uniqueName, type S3Service } from '#testing';
import { artifactStoreBehaviour } from '../artifact-store.behaviour.js';
import { S3ArtifactStore } from './s3-artifact-store.js';
import { s3Client } from './s3-client.js';

const { s3 } = services();

describe.skipIf(s3 === undefined)('S3', () => {
  const given = s3 as S3Service;

  artifactStoreBehaviour('S3ArtifactStore', async () => {
    const bucket = uniqueName('artifacts');
    const client = s3Client({ ...given, bucket });
    return Promise.resolve({
      store: new S3ArtifactStore({ ...given, bucket, prefix: '/some/prefix/' }),
      close: async () => {
        // Asked by the whole name: some servers list unfinished uploads by no other.
        const unfinished = await client.findUploadId(bucket, 'some/prefix/kept');
        const left = (await client.listObjectsV2(bucket, '', true).toArray()) as { name: string }[];
        await client.removeObjects(
          bucket,
          left.map(({ name }) => name),
        );
        await client.removeBucket(bucket);
        expect(unfinished).toBeUndefined();
        expect(left.every(({ name }) => name.startsWith('some/prefix/'))).toBe(true);
      },
    });
  });

  it('a bucket is made once, however many find it missing', async () => {
    const bucket = uniqueName('artifacts');
    const stores = [1, 2, 3, 4, 5, 6].map(() => new S3ArtifactStore({ ...given, bucket }));
    await Promise.all(stores.map((store, i) => store.put(`k${String(i)}`, Buffer.from('x'))));
    expect(await stores[0].list('')).toHaveLength(6);
    await Promise.all(stores.map((store, i) => store.remove(`k${String(i)}`)));
    await s3Client({ ...given, bucket }).removeBucket(bucket);
  });

  it('is healthy before its bucket exists: it makes it', async () => {
    const bucket = uniqueName('artifacts');
    expect(await new S3ArtifactStore({ ...given, bucket }).healthy()).toBe(true);
    await s3Client({ ...given, bucket }).removeBucket(bucket);
  });

  it('wrong keys are an unavailable store that says which settings to check', async () => {
    const store = new S3ArtifactStore({ ...given, secretKey: 'wrong-wrong-wrong' });
    await expect(store.put('a', Buffer.from('x'))).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      detail: expect.stringContaining('S3_SECRET_KEY') as string,
    });
    expect(await store.healthy()).toBe(false);
  });
});

describe('an S3 server that is not there', () => {
  it('is an unavailable store, not a missing artifact', async () => {
    const closed = createServer();
    await new Promise<void>((done) => closed.listen(0, '127.0.0.1', done));
    const { port } = closed.address() as AddressInfo;
    await new Promise((done) => closed.close(done));
    const store = new S3ArtifactStore({
      endpoint: `http://127.0.0.1:${String(port)}`,
      accessKey: 'a',
      secretKey: 'b',
      bucket: 'bucket',
      region: 'us-east-1',
    });
    for (const call of [store.get('a'), store.stat('a'), store.list(''), store.put('a', Buffer.from('x'))])
      await expect(call).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(await store.healthy()).toBe(false);
  });
});
