import { createServer } from 'node:net';

/** A TCP port that is free on the loopback now: `wanted` if it is, else any. */
export const freePort = async (wanted = 0): Promise<number> => {
  const port = await listenOnce(wanted);
  if (port !== undefined) return port;
  const other = await listenOnce(0);
  if (other === undefined) throw new Error('This machine has no free TCP port.');
  return other;
};

export const isFree = async (port: number): Promise<boolean> => (await listenOnce(port)) !== undefined;

const listenOnce = (port: number): Promise<number | undefined> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(undefined);
    });
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        resolve(typeof address === 'object' && address !== null ? address.port : undefined);
      });
    });
  });
