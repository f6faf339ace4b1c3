import { connect, type AddressInfo, type Socket } from 'node:net';
import fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { eventually } from '#testing';
import { closeConnectionsWith } from './close-connections.js';

let app: FastifyInstance;
const answers: (() => void)[] = [];
const sockets: Socket[] = [];
const open = async (sendingMs?: number): Promise<void> => {
  app = fastify();
  closeConnectionsWith(app, sendingMs);
  app.post('/echo', (request) => request.body);
  app.get(
    '/slow',
    () =>
      new Promise((resolve) => {
        answers.push(() => {
          resolve({ done: true });
        });
      }),
  );
  await app.listen({ port: 0, host: '127.0.0.1' });
};
beforeEach(() => open());
afterEach(async () => {
  for (const answer of answers.splice(0)) answer();
  for (const socket of sockets.splice(0)) socket.destroy();
  await app.close();
});

/** What was answered, and whether the server has ended it. */
class Client {
  text = '';
  ended = false;
  readonly socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
  constructor() {
    sockets.push(this.socket);
    this.socket.setEncoding('utf8').on('data', (text: unknown) => (this.text += String(text)));
    this.socket.on('error', () => undefined).on('close', () => (this.ended = true));
  }
  async send(text: string): Promise<this> {
    this.socket.write(text);
    await new Promise((done) => setTimeout(done, 50));
    return this;
  }
}
const head = (length: number): string =>
  `POST /echo HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${String(length)}\r\n\r\n`;

it.each([
  ['a part of a head', 'GET /slo'],
  ['a part of a head of a POST', 'POST /predict HTT'],
  ['a head and a part of its body', `${head(100)}{"a":`],
  ['a head and nothing of its body', head(100)],
])('a connection that sent %s and nothing more does not hold the close', async (_what, text) => {
  const stalled = await new Client().send(text);
  await app.close();
  await eventually(() => {
    expect(stalled.ended).toBe(true);
  });
});

it('a running request is answered, however long it takes, though another is cut', async () => {
  const running = await new Client().send('GET /slow HTTP/1.1\r\nhost: x\r\n\r\n');
  const both = await new Client().send('GET /slow HTTP/1.1\r\nhost: x\r\n\r\nGET /sl');
  const stalled = await new Client().send('GET /slo');
  const closed = app.close();
  await eventually(() => {
    expect(stalled.ended).toBe(true);
  });
  expect([running.ended, both.ended]).toEqual([false, false]);
  for (const answer of answers) answer();
  await closed;
  await eventually(() => {
    for (const { text } of [running, both]) expect(text).toContain('{"done":true}');
  });
});

it('a body that keeps coming is waited for, a head that comes in bits is not', async () => {
  const body = JSON.stringify({ text: 'x'.repeat(40) });
  const sending = await new Client().send(head(body.length));
  const dripping = await new Client().send('GET /');
  const closed = app.close();
  for (const [at, byte] of body.split(/(?=.)/).entries()) {
    sending.socket.write(byte);
    if (!dripping.ended) dripping.socket.write('x');
    if (at < 30) await new Promise((done) => setTimeout(done, 100));
  }
  await closed;
  await eventually(() => {
    expect(sending.text).toContain(body);
  });
  expect(dripping.ended).toBe(true);
});

it('a body that keeps coming for ever holds the close no longer than the limit', async () => {
  await app.close();
  await open(1_000);
  const endless = await new Client().send(head(1_000_000));
  const running = await new Client().send('GET /slow HTTP/1.1\r\nhost: x\r\n\r\n');
  const dripping = setInterval(() => {
    if (!endless.ended) endless.socket.write('x');
  }, 50);
  const closed = app.close();
  try {
    await eventually(() => {
      expect(endless.ended).toBe(true);
    });
    // What has come whole is answered all the same.
    expect(running.ended).toBe(false);
  } finally {
    clearInterval(dripping);
  }
  for (const answer of answers) answer();
  await closed;
  await eventually(() => {
    expect(running.text).toContain('{"done":true}');
  });
});
