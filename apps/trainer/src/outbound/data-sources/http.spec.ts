import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fetchHttp } from './http.js';

describe('addresses that data sets are fetched from', () => {
  let folder: string;
  let server: Server;
  let asked = 0;
  beforeEach(async () => {
    asked = 0;
    folder = await mkdtemp(join(tmpdir(), 'baton-http-'));
  });
  afterEach(async () => {
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true, force: true });
  });

  const serve = async (listener: RequestListener = (_, response) => response.end('a,y\n1,2\n')): Promise<number> => {
    server = createServer((request, response) => {
      asked++;
      listener(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  };
  const fetched = (uri: string, allowPrivate = false) =>
    fetchHttp(uri, folder, { allowPrivate, maxBytes: 1000, timeoutMs: 5_000, signal: new AbortController().signal });

  it.each(['127.0.0.1', 'localhost', '[::ffff:127.0.0.1]', '0x7f000001', '2130706433', '127.1'])(
    'are not of this machine: %s',
    async (host) => {
      const port = await serve();
      await expect(fetched(`http://${host}:${String(port)}/x`)).rejects.toMatchObject({
        code: 'DATASET_INVALID',
        detail: expect.stringMatching(/private network \(.*TRAINER_DATA_ALLOW_PRIVATE/) as string,
      });
      expect(asked).toBe(0);
      expect(await readdir(folder)).toEqual([]);
    },
  );

  it('are of this machine where the trainer says so', async () => {
    const port = await serve();
    expect(await fetched(`http://localhost:${String(port)}/x`, true)).toMatchObject({ format: 'csv', sizeBytes: 8 });
  });

  it.each([
    'http://10.1.2.3/x',
    'http://169.254.169.254/latest/meta-data',
    'http://[fd00::1]/',
    'https://192.168.0.1/',
  ])('are not of a private network: %s', async (uri) => {
    await serve();
    await expect(fetched(uri)).rejects.toMatchObject({ code: 'DATASET_INVALID' });
  });

  it('are judged anew where a server sends elsewhere', async () => {
    const port = await serve((_, response) => response.writeHead(302, { location: 'ftp://127.0.0.1/x' }).end());
    await expect(fetched(`http://127.0.0.1:${String(port)}/x`, true)).rejects.toMatchObject({
      code: 'DATASET_INVALID',
    });
    expect(asked).toBe(1);
  });
});
