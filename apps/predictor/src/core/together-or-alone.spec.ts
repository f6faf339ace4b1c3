import { expect, it } from 'vitest';
import { TogetherOrAlone } from './together-or-alone.js';

it('lets works run together, but one that must be alone waits for those before it and holds up those after it', async () => {
  const works = new TogetherOrAlone();
  const running = new Set<string>();
  const begin = (name: string, alone: boolean) =>
    works.enter(alone).then((leave) => {
      running.add(name);
      return () => {
        running.delete(name);
        leave();
      };
    });
  const [a, b] = await Promise.all([begin('a', false), begin('b', false)]);
  const later = [begin('c', true), begin('d', true), begin('e', false), begin('f', false)];
  a();
  await new Promise(setImmediate);
  expect([...running]).toEqual(['b']);
  b();
  const c = await later[0];
  expect([...running]).toEqual(['c']);
  c();
  const d = await later[1];
  expect([...running]).toEqual(['d']);
  d();
  await Promise.all(later);
  expect([...running]).toEqual(['e', 'f']);
});
