import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '#testing/native';

const START_TIMEOUT_MS = 180_000;

export interface ScoringServer {
  url: string;
  stop: () => Promise<void>;
}

export interface ReferenceOptions {
  python: string;
  trackingUri: string;
  /** Registered, with a version 1. */
  model: string;
}

/** A real `mlflow models serve` of a registered version. @throws Error with its last words when it does not answer */
export const serveByMlflow = async ({ python, trackingUri, model }: ReferenceOptions): Promise<ScoringServer> => {
  const folder = mkdtempSync(join(tmpdir(), 'baton-scoring-'));
  // It calls this by its name; the environment's own does not run where the environment was moved to.
  const uvicorn = join(folder, 'uvicorn');
  writeFileSync(uvicorn, `#!/bin/sh\nexec "${python}" -m uvicorn "$@"\n`);
  chmodSync(uvicorn, 0o755);
  const port = String(await freePort());
  // eslint-disable-next-line no-restricted-properties -- makes an environment for another process
  const { PATH = '', HOME } = process.env;
  const environment = {
    HOME,
    PATH: `${folder}${delimiter}${PATH}`,
    MLFLOW_TRACKING_URI: trackingUri,
    MLFLOW_DISABLE_TELEMETRY: 'true',
    PYTHONDONTWRITEBYTECODE: '1',
  };
  const args = ['-m', 'mlflow', 'models', 'serve', '-m', `models:/${model}/1`, '--env-manager', 'local', '-p', port];
  // A group of its own: it starts the server below a shell.
  const child = spawn(python, [...args, '--workers', '1'], { cwd: folder, env: environment, detached: true });
  let notes = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (notes = (notes + chunk.toString()).slice(-4_000)));
  const ended = new Promise((resolve) => child.once('close', resolve));
  const stop = async (): Promise<void> => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  const url = `http://127.0.0.1:${port}`;
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (
    !(await fetch(`${url}/ping`).then(
      ({ ok }) => ok,
      () => false,
    ))
  ) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error(`mlflow models serve of ${model} does not answer:\n${notes}`);
    }
    await sleep(200);
  }
  return { url, stop };
};
