import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { environmentWith } from '../environment.js';
import { credentials, environmentOf, type RunningService } from '../service.js';
import type { NativeOptions } from './native-service.js';
import { cached, runTool } from './program-cache.js';
import { startServer } from './server-program.js';

/** The S3 server that native runs and containers use; the image tag in docker-compose.kafka.yml is the same (a test says so). */
export const versitygwVersion = 'v1.8.0';

/** Versity's S3 gateway over a folder, built once by `go install`, on the loopback. Needs Go 1.25 or newer the first time. */
export const startS3 = async (options: NativeOptions): Promise<RunningService> => {
  const program = join(await versitygw(options.cacheDir), 'versitygw');
  const folder = join(options.dataDir, 's3');
  const objects = join(folder, 'objects');
  const metadata = join(folder, 'metadata');
  for (const each of [join(objects, credentials.bucket), metadata]) mkdirSync(each, { recursive: true });
  const environment = environmentOf.s3('127.0.0.1', options.port);
  const stop = await startServer(
    {
      name: 'The S3 server',
      command: program,
      args: s3Arguments(`127.0.0.1:${String(options.port)}`, objects, metadata),
      cwd: folder,
      logFile: join(options.dataDir, 's3.log'),
      signal: 'SIGTERM',
      environment: { ROOT_ACCESS_KEY: credentials.accessKey, ROOT_SECRET_KEY: credentials.secretKey },
      ready: async () => (await fetch(`${environment.S3_ENDPOINT}/health`)).ok,
    },
    options.notes,
  );
  return { name: 's3', how: `native, versitygw ${versitygwVersion} built by Go`, environment, stop };
};

/** Metadata in a folder of its own: extended attributes, its default, are missing on some file systems. */
export const s3Arguments = (listen: string, objects: string, metadata: string): string[] => [
  ...['--port', listen, '--health', '/health', '--region', credentials.region, '--keep-alive', '--quiet'],
  ...['posix', '--sidecar', metadata, objects],
];

/** The folder of the server's binary, built once. */
export const versitygw = (cacheDir: string): Promise<string> =>
  cached(cacheDir, `versitygw-${versitygwVersion}`, (folder) =>
    runTool('go', ['install', `github.com/versity/versitygw/cmd/versitygw@${versitygwVersion}`], {
      install: 'Install Go 1.25 or newer (https://go.dev/dl); it builds the S3 server once.',
      environment: environmentWith({ GOBIN: folder, CGO_ENABLED: '0' }),
    }),
  );
