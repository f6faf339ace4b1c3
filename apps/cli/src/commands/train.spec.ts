import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { eventually } from '#testing';
import { CliError } from '../cli-error.js';
import { RegistryRefusal } from '../registry.client.js';
import { followed } from './train.js';
import { TrainingLog } from './training-log.js';

const answers = (...each: unknown[]) => {
  const left = [...each];
  return () => {
    const next = left.shift();
    return next instanceof Error ? Promise.reject(next) : Promise.resolve(next);
  };
};
const over = { state: 'succeeded' };

it('a registry that is started anew while one waits ends nothing', async () => {
  const get = answers({ state: 'running' }, new CliError('away'), new RegistryRefusal(503, 'starting'), over);
  const shown: unknown[] = [];
  expect(await followed('id', get, (view) => shown.push(view))).toBe(over);
  expect(shown).toEqual([{ state: 'running' }]);
});

it('what is refused is told at once', async () => {
  const refusal = new RegistryRefusal(400, 'no');
  await expect(followed('id', answers(refusal), () => undefined)).rejects.toBe(refusal);
});

let server: Server | undefined;
afterEach(() => server?.close());

it('the log tells the lines of one training, also those that came before its id was known', async () => {
  const event = (subject: string, log?: string[]) =>
    `data: ${JSON.stringify({ type: 'training.progressed', subject, data: { log } })}\n\n`;
  server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(event('mine', ['one', 'two\u001b[2J']) + event('mine') + event('another', ['theirs']));
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const told: string[] = [];
  const log = new TrainingLog((line) => told.push(line));
  log.follow(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}`);
  log.of('mine');
  await eventually(() => {
    expect(told).toEqual(['one', 'two\\x1b[2J']);
  });
  await log.end();
});

it('without a feed there is no log, and the command ends', async () => {
  const told: string[] = [];
  const log = new TrainingLog((line) => told.push(line));
  log.follow('http://127.0.0.1:1');
  await eventually(() => {
    expect(told).toEqual([expect.stringContaining('can not be followed')]);
  });
  await log.end();
});
