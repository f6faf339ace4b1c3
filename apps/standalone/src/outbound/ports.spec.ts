import { createServer, type AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { freePorts, portFault } from './ports.js';

it('gives ports that are free and all different', async () => {
  const ports = await freePorts('127.0.0.1', 3);
  expect(new Set(ports).size).toBe(3);
  for (const port of ports) expect(await portFault('127.0.0.1', port)).toBeUndefined();
});

it('says why a port can not be had', async () => {
  const server = createServer();
  const { port } = await new Promise<AddressInfo>((resolve) =>
    server.listen(0, '127.0.0.1', () => {
      resolve(server.address() as AddressInfo);
    }),
  );
  expect(await portFault('127.0.0.1', port)).toBe('EADDRINUSE');
  await new Promise((resolve) => server.close(resolve));
});

it('names the flag when the host is not of this machine', async () => {
  await expect(freePorts('203.0.113.7', 1)).rejects.toThrow(/203\.0\.113\.7 is no address of this machine.*--host/);
});
