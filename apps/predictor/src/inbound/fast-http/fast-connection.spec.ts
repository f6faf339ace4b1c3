import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { expect, it } from 'vitest';
import { FastConnection, type FastRequest } from './fast-connection.js';
import { hotTargetOf } from './hot-target.js';

it('answers the next request only when the one before it is answered, however they come', async () => {
  const socket = new Duplex({
    read: () => undefined,
    write: (_chunk, _encoding, done) => {
      done();
    },
  });
  const asked: FastRequest[] = [];
  const turns: (() => void)[] = [];
  new FastConnection(socket as Socket, {
    maxBody: 100,
    targetOf: hotTargetOf,
    answer: (request) => {
      asked.push(request);
      return new Promise((resolve) => turns.push(resolve));
    },
    handOver: () => undefined,
    ended: () => undefined,
  });
  const turn = () => new Promise((resolve) => setTimeout(resolve, 5));
  for (const body of ['a', 'b', 'c']) {
    socket.push(`POST /predict HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\n\r\n${body}`);
    await turn();
  }
  const bodies = () => asked.map(({ body }) => body.toString()).join('');
  for (const sofar of ['a', 'ab', 'abc']) {
    expect(bodies()).toBe(sofar);
    turns.shift()?.();
    await turn();
  }
});
