import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { followFeed } from './event-feed.client.js';

let server: Server | undefined;
afterEach(() => server?.close());

it('connects again where it left off when the connection is lost', async () => {
  const asked: (string | undefined)[] = [];
  server = createServer((request, answer) => {
    asked.push(request.headers['last-event-id'] as string | undefined);
    const id = asked.length;
    answer.writeHead(200, { 'content-type': 'text/event-stream' });
    answer.write(`id: ${String(id)}\ndata: {"n":${String(id)}}\n\n`);
    setTimeout(() => answer.destroy(), 50);
  });
  const url = await new Promise<string>((resolve) =>
    server?.listen(0, '127.0.0.1', () => {
      resolve(`http://127.0.0.1:${String((server?.address() as AddressInfo).port)}`);
    }),
  );
  const ended = new AbortController();
  const heard: string[] = [];
  const lost: string[] = [];
  await followFeed({
    url,
    from: 'now',
    signal: ended.signal,
    onLost: (sentence) => lost.push(sentence),
    onMessage: ({ data }) => {
      heard.push(data);
      if (heard.length === 3) ended.abort();
    },
  });
  expect(heard).toEqual(['{"n":1}', '{"n":2}', '{"n":3}']);
  expect(asked).toEqual([undefined, '1', '2']);
  expect(lost).toHaveLength(2);
});

it('an address where nothing answers is an error, not a quiet feed', async () => {
  const never = new AbortController().signal;
  const ignore = () => undefined;
  await expect(
    followFeed({ url: 'http://127.0.0.1:1', from: 'now', signal: never, onLost: ignore, onMessage: ignore }),
  ).rejects.toThrow(/does not answer/);
});
