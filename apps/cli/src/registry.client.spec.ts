import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { longRequest } from './long-request.js';
import { program } from './program.js';
import { RegistryClient } from './registry.client.js';

let server: Server | undefined;
afterEach(() => server?.close());

const serving = (listener: RequestListener): Promise<RegistryClient> =>
  new Promise((resolve) => {
    server = createServer(listener).listen(0, '127.0.0.1', () => {
      resolve(new RegistryClient(`http://127.0.0.1:${String((server?.address() as AddressInfo).port)}`));
    });
  });

it('gives the sentence and the code of a problem', async () => {
  const client = await serving((_, answer) => {
    answer.writeHead(409, { 'content-type': 'application/problem+json' });
    answer.end(
      '{"type":"about:blank","title":"x","status":409,"code":"CONFLICT","detail":"Version 2 is promoted already."}',
    );
  });
  await expect(client.post('/models/m/promotions', {})).rejects.toMatchObject({
    status: 409,
    exitCode: 1,
    message: 'Version 2 is promoted already. (CONFLICT)',
  });
});

it('says that another server is no registry', async () => {
  const client = await serving((_, answer) => answer.end('<html>'));
  await expect(client.get('/fleet')).rejects.toThrow(/not as a Baton registry/);
});

it('says where it looked and what to do when nothing answers', async () => {
  const client = await serving(() => undefined);
  await new Promise((resolve) => server?.close(resolve));
  await expect(client.get('/fleet')).rejects.toThrow(/ \(ECONNREFUSED\).*npm start.*--registry/);
});

it('waits longer for an answer to begin than fetch does, where it is told to', async () => {
  // The one that fetch works with, made as impatient as a test can be.
  const key = Symbol.for('undici.globalDispatcher.1');
  await fetch('data:,');
  const globals = globalThis as unknown as Record<symbol, object>;
  const patient = globals[key];
  const Agent = patient.constructor as new (options: object) => object;
  globals[key] = new Agent({ headersTimeout: 50 });
  try {
    const { url } = await serving((_, answer) => void setTimeout(() => answer.end('{"late":true}'), 2_500));
    await expect(new RegistryClient(url, 60_000).post('/gc', {})).rejects.toThrow('UND_ERR_HEADERS_TIMEOUT');
    expect(await new RegistryClient(url, 3_600_000).post('/gc', {})).toEqual({ late: true });
    await expect(longRequest(`${url}/x`, { method: 'GET', idleMs: 50 })).rejects.toThrow('nothing came for 0.05 s');
  } finally {
    globals[key] = patient;
  }
});

it('names the flag of a collection that was given no id', async () => {
  const asked = program().exitOverride();
  const gc = asked.commands.find((command) => command.name() === 'gc');
  gc?.exitOverride().configureOutput({ writeErr: () => undefined });
  await expect(asked.parseAsync(['node', 'baton', 'gc', '--run-ids', ','])).rejects.toThrow(/--run-ids .*names no id/);
});
