import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { expect, it } from 'vitest';
import { FastConnection, type FastRequest } from './fast-connection.js';
import { hotTargetOf } from './hot-target.js';

const one = (body: string): string => `POST /predict HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\n\r\n${body}`;
const turn = () => new Promise((resolve) => setTimeout(resolve, 5));

/** A connection whose requests are answered when the test says so. */
const connected = () => {
  let written = '';
  const socket = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _encoding, done) => {
      written += chunk.toString();
      done();
    },
  });
  const asked: FastRequest[] = [];
  const turns: (() => void)[] = [];
  let ended = 0;
  const connection = new FastConnection(socket as Socket, {
    maxBody: 100,
    targetOf: hotTargetOf,
    answer: (request) => {
      asked.push(request);
      return new Promise((resolve) => turns.push(resolve));
    },
    handOver: () => undefined,
    ended: () => (ended += 1),
  });
  return { socket, connection, asked, turns, written: () => written, ended: () => ended };
};

it('who says that nothing more comes has hung up: the request in work knows it, those behind it are not begun', async () => {
  const { socket, asked, turns } = connected();
  socket.push(one('a') + one('b'));
  await turn();
  expect(asked.map(({ asker }) => asker.destroyed)).toEqual([false]);
  socket.push(null);
  await turn();
  expect(asked[0].asker.destroyed).toBe(true);
  turns[0]();
  await turn();
  expect(asked).toHaveLength(1);
});

it('a connection that breaks tells the request in work, and is forgotten', async () => {
  const { socket, asked, turns, ended } = connected();
  socket.push(one('a') + one('b'));
  await turn();
  socket.destroy(new Error('reset'));
  await turn();
  expect(asked[0].asker.destroyed).toBe(true);
  expect(ended()).toBe(1);
  turns[0]();
  await turn();
  expect(asked).toHaveLength(1);
});

it('who hangs up in the midst of a request is told so, one who hangs up after it is not', async () => {
  const midway = connected();
  midway.socket.push(one('a').slice(0, -1));
  await turn();
  expect(midway.connection.partial).toBe(true);
  midway.socket.push(null);
  await turn();
  expect(midway.written()).toContain('HTTP/1.1 400 Bad Request');
  const idle = connected();
  idle.socket.push(null);
  await turn();
  expect([idle.written(), idle.connection.destroyed]).toEqual(['', true]);
});

it('answers the next request only when the one before it is answered, however they come', async () => {
  const { socket, asked, turns } = connected();
  for (const body of ['a', 'b', 'c']) {
    socket.push(one(body));
    await turn();
  }
  const bodies = () => asked.map(({ body }) => body.toString()).join('');
  for (const sofar of ['a', 'ab', 'abc']) {
    expect(bodies()).toBe(sofar);
    turns.shift()?.();
    await turn();
  }
});
