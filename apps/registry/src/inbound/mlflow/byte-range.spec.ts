import { expect, it } from 'vitest';
import { rangeOf } from './byte-range.js';

it.each([
  ['bytes=0-0', 3, { start: 0, end: 0 }],
  ['bytes=0-', 3, { start: 0, end: 2 }],
  ['bytes=1-9', 3, { start: 1, end: 2 }],
  ['bytes=-1', 3, { start: 2, end: 2 }],
  ['bytes=-9', 3, { start: 0, end: 2 }],
  ['bytes=3-', 3, 'unsatisfiable'],
  ['bytes=5-9', 3, 'unsatisfiable'],
  ['bytes=-0', 3, 'unsatisfiable'],
  ['bytes=0-', 0, 'unsatisfiable'],
  ['bytes=2-1', 3, undefined],
  ['bytes=0-0,2-2', 3, undefined],
  ['bytes=-', 3, undefined],
  ['lines=0-1', 3, undefined],
  ['', 3, undefined],
])('%j of %d bytes', (header, size, expected) => {
  expect(rangeOf(header, size)).toEqual(expected);
});
