import { Client } from 'minio';
import type { BenchServices } from '../services.js';

const VALID_SECONDS = 3600;

/** The store without us: presigned URLs, so that the same plain HTTP client talks to it and to the proxy. */
export const bucketOf = (s3: NonNullable<BenchServices['s3']>) => {
  const { hostname, port, protocol } = new URL(s3.endpoint);
  const client = new Client({
    endPoint: hostname,
    port: Number(port),
    useSSL: protocol === 'https:',
    accessKey: s3.accessKey,
    secretKey: s3.secretKey,
    region: s3.region,
  });
  return {
    putUrl: (key: string): Promise<string> => client.presignedPutObject(s3.bucket, key, VALID_SECONDS),
    getUrl: (key: string): Promise<string> => client.presignedGetObject(s3.bucket, key, VALID_SECONDS),
    remove: (key: string): Promise<void> => client.removeObject(s3.bucket, key),
  };
};
