import { expect, it } from 'vitest';
import { z } from 'zod';
import { requestIdOf } from './request-id.js';

it('is the same for the same event, for ever', () => {
  expect(requestIdOf('/bus/training.requested', 'training.requested-3-42-1795262400000')).toBe(
    requestIdOf('/bus/training.requested', 'training.requested-3-42-1795262400000'),
  );
  expect(requestIdOf('/registry', 'e-1')).toBe('8d32a09d-1853-899a-baaa-aa299799dfef');
});

it('differs when source or id do, and can not be forged by moving the border between them', () => {
  const ids = [
    requestIdOf('a', 'b'),
    requestIdOf('a', 'c'),
    requestIdOf('b', 'b'),
    requestIdOf('ab', ''),
    requestIdOf('', 'ab'),
  ];
  expect(new Set(ids).size).toBe(ids.length);
});

it('is a UUID of version 8', () => {
  for (let i = 0; i < 64; i++) {
    const id = requestIdOf('source', String(i));
    expect(z.uuid().safeParse(id).success, id).toBe(true);
    expect(id[14]).toBe('8');
  }
});
