import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
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
