import { expect, it } from 'vitest';
import { Turns } from './turns.js';

const { signal } = new AbortController();
const soon = () => new Promise((resolve) => setImmediate(resolve));

it('gives turns in the order asked for, urgent ones first, and a limited number at a time', async () => {
  const turns = new Turns(1);
  const order: string[] = [];
  const give = await turns.take(false, signal);
  const take = async (name: string, urgent: boolean) => {
    const back = await turns.take(urgent, signal);
    order.push(name);
    await soon();
    back();
  };
  const all = [take('a', false), take('b', true), take('c', false), take('d', true)];
  await soon();
  expect(order).toEqual([]);
  give();
  give();
  await Promise.all(all);
  expect(order).toEqual(['b', 'd', 'a', 'c']);
});

it('passes over those who left the queue', async () => {
  const turns = new Turns(1);
  const give = await turns.take(false, signal);
  const leaving = new AbortController();
  const left = turns.take(false, leaving.signal);
  const stayed = turns.take(false, signal);
  leaving.abort(new Error('no more'));
  await expect(left).rejects.toThrow('no more');
  give();
  (await stayed)();
  (await turns.take(false, signal))();
  await expect(turns.take(false, leaving.signal)).rejects.toThrow('no more');
});
