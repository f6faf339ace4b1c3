import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SilentLogger } from '#runtime';
import { MlflowClient } from './mlflow.client.js';
import { RegistryAttempts } from './registry-attempts.js';

let base: string;
let server: Server;
let asked: string[];
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'baton-client-'));
  asked = [];
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(base, { recursive: true, force: true });
});

const client = async (answer: RequestListener): Promise<MlflowClient> => {
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    request.resume();
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return new MlflowClient(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}`, new SilentLogger());
};
const fine: RequestListener = (_, response) => void response.end('{}');

describe('what a recipe left', () => {
  it.each([
    ['a pipe', (path: string) => execFileSync('mkfifo', [path])],
    ['a folder', (path: string) => mkdir(path)],
    ['a link', (path: string) => symlink('/etc/passwd', path)],
    ['nothing', () => undefined],
  ])('is not sent when it is %s, and nobody waits for it', async (_, make) => {
    const mlflow = await client(fine);
    const path = join(base, 'train.log');
    await make(path);
    await expect(mlflow.uploadFile('mlflow-artifacts:/1/r/artifacts', 'train.log', path)).rejects.toMatchObject({
      code: 'TRAINING_FAILED',
      detail: expect.stringContaining('train.log') as string,
    });
    expect(asked).toEqual([]);
  });

  it('is sent when it is a file', async () => {
    const mlflow = await client(fine);
    await writeFile(join(base, 'a'), 'text');
    await mlflow.uploadFile('mlflow-artifacts:/1/r/artifacts', 'train.log', join(base, 'a'));
    expect(asked).toEqual(['/api/2.0/mlflow-artifacts/artifacts/1/r/artifacts/train.log']);
  });
});

describe('a call to a server that hangs', () => {
  it('ends with its signal, and rejects with the reason', async () => {
    const ended = new AbortController();
    const reason = new Error('cancelled');
    const mlflow = await client(() => {
      ended.abort(reason);
    });
    await expect(mlflow.during(ended.signal).post('runs/update', {})).rejects.toBe(reason);
  });
});

describe('a refusal with 403', () => {
  const begin = async (body: object) => {
    const mlflow = await client((_, response) => {
      response.statusCode = 403;
      response.end(JSON.stringify(body));
    });
    return new RegistryAttempts(mlflow).begin({ requestId: 'r', fence: 1, promote: 'policy' });
  };

  it.each([
    [{ code: 'ATTEMPT_SUPERSEDED', detail: 'x' }, 'ATTEMPT_SUPERSEDED'],
    [{ error_code: 'PERMISSION_DENIED', message: 'x' }, 'ATTEMPT_SUPERSEDED'],
    [{ code: 'HOST_NOT_ALLOWED', detail: 'x' }, 'REQUEST_INVALID'],
    [{}, 'REQUEST_INVALID'],
  ])('%j is %s: another attempt is one reason among others', async (body, code) => {
    await expect(begin(body)).rejects.toMatchObject({ code });
  });
});
