import { expect, it } from 'vitest';
import { noteworthy } from './app-log.js';

it.each([
  ['{"level":"info","message":"listening"}', undefined],
  ['{"level":"warn","message":"the bus is away"}', 'the bus is away'],
  ['{"level":"error","message":"load failed","error":{"message":"digest"}}', 'error: load failed (digest)'],
  ['Segmentation fault', 'Segmentation fault'],
  ['', undefined],
])('%s is said as %s', (line, said) => {
  expect(noteworthy(line)).toBe(said);
});
