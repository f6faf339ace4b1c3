import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freshDatabase, services, uniqueName } from '#testing';
import { pythonWith, startMlflowServer } from '#testing/python';
import { root } from './baton.js';
import { Platform } from './platform.js';

const folder = join(root, 'test/mlflow-client');
const page = join(root, 'docs/mlflow-compatibility.md');

/** The checks of a Python file, read from its text, so that they can be counted where there is no Python. */
export const checksOf = (file: string): string[] =>
  [...readFileSync(join(folder, `${file}.py`), 'utf8').matchAll(/^@check\s+def (\w+)/gm)].map(
    ([, name]) => `${file}.${name}`,
  );

export interface SuiteReport {
  /** What is wrong with each check; nothing when it passed on both servers with the same answers. */
  checks: Record<string, string[]>;
  /** Listed differences that did not occur. */
  unseen: string[];
}

/** Both servers, each on a database of its own. */
export class BothServers {
  private constructor(
    private readonly ours: Platform,
    private readonly reference: { url: string; stop: () => Promise<void> },
    private readonly python: Record<string, string>,
    private readonly logs: string,
  ) {}

  /** @param requirements the environments that will be asked for; the reference runs in the first one. */
  static async start(requirements: readonly string[]): Promise<BothServers | { missing: string }> {
    const python: Record<string, string> = {};
    for (const file of requirements) {
      const made = await pythonWith(join(folder, file));
      if (made.python === undefined) return { missing: made.missing };
      python[file] = made.python;
    }
    const [platform, reference, logs] = await Promise.all([
      startOurs(),
      startReference(python[requirements[0]]),
      mkdtemp(join(tmpdir(), 'baton-mlflow-logs-')),
    ]);
    return new BothServers(platform, reference, python, logs);
  }

  /** Runs the files against both servers side by side and compares. */
  async run(requirements: string, files: readonly string[]): Promise<SuiteReport> {
    const python = this.python[requirements];
    const logOf = (server: string): string => join(this.logs, `${server}-${files[0]}.json`);
    const run = (server: string, url: string, ...flags: string[]): Promise<string> =>
      execute(python, ['-m', 'harness.run', '--server', url, '--log', logOf(server), ...flags, ...files]);
    await Promise.all([run('ours', this.ours.registryUrl, '--ours'), run('theirs', this.reference.url)]);
    return JSON.parse(
      await execute(python, ['-m', 'harness.report', logOf('ours'), logOf('theirs'), page]),
    ) as SuiteReport;
  }

  async stop(): Promise<void> {
    await Promise.all([this.ours.close(), this.reference.stop(), rm(this.logs, { recursive: true, force: true })]);
  }
}

const startOurs = async (): Promise<Platform> => {
  const { s3 } = services();
  const platform = await Platform.prepare('embedded', {
    environment: {
      WEBHOOK_SECRET_KEY: Buffer.alloc(32, 'k').toString('base64'),
      WEBHOOKS_ALLOW_HTTP: 'true',
      WEBHOOKS_ALLOW_PRIVATE: 'true',
      ...(s3 !== undefined && {
        S3_ENDPOINT: s3.endpoint,
        S3_ACCESS_KEY: s3.accessKey,
        S3_SECRET_KEY: s3.secretKey,
        S3_BUCKET: s3.bucket,
        S3_REGION: s3.region,
        S3_PREFIX: uniqueName('mlflow'),
      }),
    },
  });
  await platform.start('registry');
  return platform;
};

const startReference = async (python: string): Promise<{ url: string; stop: () => Promise<void> }> => {
  const database = await freshDatabase();
  const server = await startMlflowServer({
    python,
    databaseUrl: database.url,
    workers: 1,
    environment: {
      MLFLOW_WEBHOOK_ALLOWED_SCHEMES: 'http,https',
      MLFLOW_WEBHOOK_ALLOW_PRIVATE_IPS: 'true',
      MLFLOW_WEBHOOK_CACHE_TTL: '1',
    },
  });
  return {
    url: server.url,
    stop: async () => {
      await server.stop();
      await database.drop();
    },
  };
};

/** What a program prints. @throws Error with its last words when it fails. */
const execute = (python: string, args: string[]): Promise<string> =>
  new Promise((resolve, reject) => {
    // eslint-disable-next-line no-restricted-properties -- makes an environment for another process
    const { PATH, HOME } = process.env;
    const child = spawn(python, args, { cwd: folder, env: { PATH, HOME, PYTHONDONTWRITEBYTECODE: '1' } });
    let out = '';
    let notes = '';
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (notes = (notes + chunk.toString()).slice(-4_000)));
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve(out);
      else reject(new Error(`${args.join(' ')} ended with ${String(code)}:\n${out.slice(-2_000)}\n${notes}`));
    });
  });
