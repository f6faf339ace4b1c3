import { createHash, createHmac } from 'node:crypto';

/** What is signed as the digest of a body that comes in chunks, each with a signature of its own. */
const STREAMING = 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD';
const EMPTY_SHA256 = createHash('sha256').digest('hex');

export interface Credentials {
  accessKey: string;
  secretKey: string;
  region: string;
}

/** Text as it stands in signed paths and queries: everything but unreserved characters is escaped. */
export const strictlyEscaped = (value: string): string =>
  encodeURIComponent(value).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

/**
 * Signs an upload whose digest is not known when it begins, by AWS Signature Version 4 with chunked encoding
 * (docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html). Every S3 server knows it, and one that is given fewer
 * chunks than were announced refuses the object, which not every server does for a plain body that breaks off.
 */
export class ChunkSigner {
  private readonly key: Buffer;
  private readonly scope: string;
  private previous = '';

  constructor(
    private readonly credentials: Credentials,
    /** `YYYYMMDDTHHMMSSZ` */
    private readonly at: string,
  ) {
    const day = at.slice(0, 8);
    this.scope = `${day}/${credentials.region}/s3/aws4_request`;
    this.key = [day, credentials.region, 's3', 'aws4_request'].reduce<Buffer>(
      (key, part) => createHmac('sha256', key).update(part).digest(),
      Buffer.from(`AWS4${credentials.secretKey}`),
    );
  }

  /** Headers of the request, `authorization` among them. `path` and `query` are escaped already, the query in order. */
  sign(request: { path: string; query: string; headers: Record<string, string> }): Record<string, string> {
    const headers: Record<string, string> = {
      ...request.headers,
      'x-amz-content-sha256': STREAMING,
      'x-amz-date': this.at,
    };
    const names = Object.keys(headers).sort();
    const canonical = [
      'PUT',
      request.path,
      request.query,
      ...names.map((name) => `${name}:${headers[name].trim()}`),
      '',
      names.join(';'),
      STREAMING,
    ].join('\n');
    const digest = createHash('sha256').update(canonical).digest('hex');
    this.previous = this.hmac(['AWS4-HMAC-SHA256', this.at, this.scope, digest]);
    const { accessKey } = this.credentials;
    const authorization = `AWS4-HMAC-SHA256 Credential=${accessKey}/${this.scope},SignedHeaders=${names.join(';')},Signature=${this.previous}`;
    return { ...headers, authorization };
  }

  /** The line that goes before a chunk, which may consist of several buffers; the last chunk of a body is empty. */
  head(chunk: readonly Buffer[]): Buffer {
    const hash = createHash('sha256');
    let bytes = 0;
    for (const part of chunk) {
      hash.update(part);
      bytes += part.length;
    }
    this.previous = this.hmac([
      'AWS4-HMAC-SHA256-PAYLOAD',
      this.at,
      this.scope,
      this.previous,
      EMPTY_SHA256,
      hash.digest('hex'),
    ]);
    return Buffer.from(`${bytes.toString(16)};chunk-signature=${this.previous}\r\n`, 'latin1');
  }

  private hmac(lines: string[]): string {
    return createHmac('sha256', this.key).update(lines.join('\n')).digest('hex');
  }
}

const SIGNATURE_HEX = 64;
const HEAD_BYTES = ';chunk-signature='.length + SIGNATURE_HEX + 2;

/** Length of a chunked body: every chunk has `chunkBytes` but the last that has any, and an empty one ends it. */
export const chunkedLength = (sizeBytes: number, chunkBytes: number): number => {
  const framed = (bytes: number): number => bytes.toString(16).length + HEAD_BYTES + bytes + 2;
  const rest = sizeBytes % chunkBytes;
  return Math.floor(sizeBytes / chunkBytes) * framed(chunkBytes) + (rest === 0 ? 0 : framed(rest)) + framed(0);
};
