import type { Client } from 'minio';
import { PlatformError } from '#runtime';
import { checkedKey } from '../artifact-key.js';
import { DirectTransfers, type PartTarget, type UploadedPart } from '../direct-transfers.js';
import type { S3ArtifactStore } from './s3-artifact-store.js';
import { s3Client } from './s3-client.js';
import { codeOf } from './s3-errors.js';

/** All parts are signed at the beginning, and a slow line may take hours for the last; as long as an upload may live. */
const UPLOAD_SECONDS = 24 * 3600;
const DOWNLOAD_SECONDS = 3600;
const refusals = new Set([
  'InvalidPart',
  'InvalidPartOrder',
  'EntityTooSmall',
  'InvalidArgument',
  'InvalidRequest',
  'MalformedXML',
  'NoSuchUpload',
]);

/** Direct transfers by S3's signed URLs. They name the public endpoint, which may be another than the one that we use. */
export class S3DirectTransfers extends DirectTransfers {
  readonly available = true;
  private readonly signer: Client;

  /** @param publicEndpoint where clients reach the S3 server */
  constructor(
    private readonly store: S3ArtifactStore,
    publicEndpoint: string,
  ) {
    super();
    this.signer = s3Client({ ...store.settings, endpoint: publicEndpoint });
  }

  beginUpload(key: string, parts: number): Promise<{ uploadId: string; parts: PartTarget[] }> {
    return this.store.work(key, async (object) => {
      const uploadId = await this.store.client.initiateNewMultipartUpload(this.bucket, object, {});
      const targets: PartTarget[] = [];
      for (let partNumber = 1; partNumber <= parts; partNumber++) {
        const query = { uploadId, partNumber: String(partNumber) };
        targets.push({
          partNumber,
          url: await this.signer.presignedUrl('PUT', this.bucket, object, UPLOAD_SECONDS, query),
        });
      }
      return { uploadId, parts: targets };
    });
  }

  async completeUpload(key: string, uploadId: string, parts: UploadedPart[]): Promise<void> {
    await this.store.work(key, async (object) => {
      const etags = parts.map(({ partNumber, etag }) => ({ part: partNumber, etag: etag.replaceAll('"', '') }));
      await this.refusing(() => this.store.client.completeMultipartUpload(this.bucket, object, uploadId, etags));
    });
  }

  async abortUpload(key: string, uploadId: string): Promise<void> {
    await this.store.work(key, (object) =>
      this.refusing(() => this.store.client.abortMultipartUpload(this.bucket, object, encodeURIComponent(uploadId))),
    );
  }

  async downloadUrl(key: string, fileName: string): Promise<{ url: string; sizeBytes: number }> {
    const found = await this.store.stat(checkedKey(key));
    if (found === undefined) throw new PlatformError('ARTIFACT_NOT_FOUND', `There is no artifact ${key}.`);
    // Signed queries disagree about some characters from server to server; the plain name is one that none escapes.
    const plain = fileName.normalize('NFKD').replace(/[^\w.-]/g, '_');
    const url = await this.store.work(key, (object) =>
      this.signer.presignedUrl('GET', this.bucket, object, DOWNLOAD_SECONDS, {
        'response-content-disposition': `attachment; filename=${plain}`,
      }),
    );
    return { url, sizeBytes: found.sizeBytes };
  }

  private get bucket(): string {
    return this.store.settings.bucket;
  }

  /** What the server refuses of the client's own making is the client's to mend. */
  private async refusing<T>(act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (error) {
      const code = codeOf(error);
      if (!refusals.has(code)) throw error;
      throw new PlatformError('REQUEST_INVALID', `The parts of the upload do not make a file (${code}).`, error);
    }
  }
}
