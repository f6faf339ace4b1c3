import type { Readable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import type { Client } from 'minio';
import { PlatformError } from '#runtime';
import { checkedKey } from '../artifact-key.js';
import { ArtifactStore, type ArtifactEntry, type ByteRange, type StoredArtifact } from '../artifact-store.js';
import { MeasuredBody } from '../measured-body.js';
import { s3Client } from './s3-client.js';
import { isAbsent, saidAsStore } from './s3-errors.js';
import { listObjects } from './s3-listing.js';
import type { S3Settings } from './s3-settings.js';
import { uploadStream } from './s3-upload.js';

const MAKE_BUCKET_ATTEMPTS = 4;

/** Artifacts in a bucket of any S3 server. The bucket is made at the first use when it is missing. */
export class S3ArtifactStore extends ArtifactStore {
  readonly client: Client;
  private readonly bucket: string;
  readonly prefix: string;
  private bucketReady: Promise<void> | undefined;

  constructor(readonly settings: S3Settings) {
    super();
    this.client = s3Client(settings);
    this.bucket = settings.bucket;
    const prefix = (settings.prefix ?? '').replace(/^\/+|\/+$/g, '');
    this.prefix = prefix === '' ? '' : `${prefix}/`;
  }

  put(key: string, body: AsyncIterable<Uint8Array> | Uint8Array, sizeBytes?: number): Promise<StoredArtifact> {
    const known = body instanceof Uint8Array ? body.byteLength : sizeBytes;
    return this.upload(key, new MeasuredBody(body, sizeBytes), known);
  }

  receive(key: string, body: Readable, sizeBytes?: number): Promise<{ sizeBytes: number }> {
    return this.upload(key, new MeasuredBody(body, sizeBytes, { digest: false }), sizeBytes);
  }

  private async upload(key: string, measured: MeasuredBody, sizeBytes: number | undefined): Promise<StoredArtifact> {
    try {
      return await this.work(key, async (object) => {
        await uploadStream(this, object, measured.chunks(), sizeBytes);
        return measured.stored();
      });
    } catch (error) {
      // The sender's fault ended the upload: it must not be told as the store's.
      throw measured.fault ?? error;
    }
  }

  async putNew(key: string, body: Uint8Array): Promise<StoredArtifact> {
    const measured = new MeasuredBody(body);
    return this.work(key, async (object) => {
      // Asked first as well: not every server knows If-None-Match on PUT.
      if ((await this.sizeOf(object)) !== undefined)
        throw Object.assign(new Error('exists'), { code: 'PreconditionFailed' });
      for await (const bytes of measured.chunks())
        await this.client.putObject(this.bucket, object, bytes, bytes.length, { 'If-None-Match': '*' });
      return measured.stored();
    });
  }

  get(key: string, range?: ByteRange): Promise<{ body: Readable; sizeBytes: number }> {
    return this.work(key, async (object) => {
      const body =
        range === undefined
          ? await this.client.getObject(this.bucket, object)
          : await this.client.getPartialObject(this.bucket, object, range.start, range.end - range.start + 1);
      const length = 'headers' in body ? (body.headers as Record<string, string>)['content-length'] : undefined;
      return { body, sizeBytes: length === undefined ? ((await this.sizeOf(object)) ?? 0) : Number(length) };
    });
  }

  stat(key: string): Promise<{ sizeBytes: number } | undefined> {
    return this.work(key, async (object) => {
      const sizeBytes = await this.sizeOf(object);
      return sizeBytes === undefined ? undefined : { sizeBytes };
    });
  }

  async list(folder: string): Promise<ArtifactEntry[]> {
    const prefix = folder === '' ? this.prefix : `${this.prefix}${checkedKey(folder)}/`;
    return this.said(folder, async () => {
      const entries: ArtifactEntry[] = [];
      for await (const { name, sizeBytes } of listObjects(this.client, this.bucket, prefix, '/')) {
        const key = name.slice(this.prefix.length);
        // The marker object of a folder, as some tools leave it, is no child.
        if (name === prefix) continue;
        if (key.endsWith('/')) entries.push({ key: key.slice(0, -1), isDirectory: true });
        else entries.push({ key, isDirectory: false, sizeBytes });
      }
      return entries.sort((a, b) => (a.key < b.key ? -1 : 1));
    });
  }

  remove(key: string): Promise<void> {
    return this.work(key, async (object) => {
      const objects = [object];
      for await (const { name } of listObjects(this.client, this.bucket, `${object}/`, '')) objects.push(name);
      const failures = (await this.client.removeObjects(this.bucket, objects)).filter((failure) => failure != null);
      if (failures.length > 0) throw new Error(`could not remove ${JSON.stringify(failures[0])}`);
    });
  }

  async healthy(): Promise<boolean> {
    try {
      return await this.said('', () => this.client.bucketExists(this.bucket));
    } catch {
      return false;
    }
  }

  private async sizeOf(object: string): Promise<number | undefined> {
    try {
      return (await this.client.statObject(this.bucket, object)).size;
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw error;
    }
  }

  /** @internal Runs one request on the object of a key; its errors come out in the port's words. */
  async work<T>(key: string, act: (object: string) => Promise<T>): Promise<T> {
    const object = `${this.prefix}${checkedKey(key)}`;
    return this.said(key, () => act(object));
  }

  /** @internal Makes the bucket, once, and says errors in the port's words. */
  async said<T>(key: string, act: () => Promise<T>): Promise<T> {
    try {
      this.bucketReady ??= this.makeBucket();
      await this.bucketReady;
      return await act();
    } catch (error) {
      // Asked again at the next call: the server was away, or the bucket went.
      if (!isAbsent(error)) this.bucketReady = undefined;
      throw saidAsStore(error, key);
    }
  }

  /** Many processes may find it missing at once; servers tell the slower ones so in different ways, one by 500. */
  private async makeBucket(): Promise<void> {
    for (let attempt = 1; !(await this.client.bucketExists(this.bucket)); attempt++) {
      if (this.settings.foreign === true)
        throw new PlatformError('ARTIFACT_NOT_FOUND', `There is no bucket ${this.bucket}.`);
      try {
        await this.client.makeBucket(this.bucket, this.settings.region);
        return;
      } catch (error) {
        if (attempt === MAKE_BUCKET_ATTEMPTS) throw error;
        await setTimeout(100 * attempt);
      }
    }
  }
}
