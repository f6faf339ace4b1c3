import http from 'node:http';
import { eventually, services, uniqueName } from '#testing';
import { registryUnderTest, type RegistryUnderTest } from './registry.behaviour.js';

export const PROXY = '/api/2.0/mlflow-artifacts/artifacts';

export interface RawAnswer {
  status: number;
  headers: http.IncomingHttpHeaders;
  body: Buffer;
}

/** A request whose path goes out byte for byte: `fetch` would resolve `..` and escape what is odd. */
export const raw = (
  url: string,
  method: string,
  path: string,
  { body, headers = {} }: { body?: string | Buffer; headers?: Record<string, string> } = {},
): Promise<RawAnswer> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const request = http.request({ hostname, port, method, path, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', reject);
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) });
      });
    });
    request.on('error', reject).end(body);
  });

/** The settings of each store that is there, by name. */
export const storesUnderTest = (): { store: string; settings: Record<string, unknown> }[] => {
  const { s3 } = services();
  return [
    { store: 'a folder', settings: {} },
    ...(s3 === undefined
      ? []
      : [
          {
            store: 'S3',
            settings: {
              S3_ENDPOINT: s3.endpoint,
              S3_ACCESS_KEY: s3.accessKey,
              S3_SECRET_KEY: s3.secretKey,
              S3_REGION: s3.region,
              S3_BUCKET: uniqueName('artifacts'),
            },
          },
        ]),
  ];
};

export const readyRegistry = async (settings: Record<string, unknown>): Promise<RegistryUnderTest> => {
  const registry = await registryUnderTest(settings);
  await eventually(() => registry.mlflow('GET', 'experiments/get?experiment_id=0'));
  return registry;
};
