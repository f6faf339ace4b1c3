import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { errorCodes } from './error-codes.js';

const known = JSON.parse(readFileSync(new URL('../golden/error-codes.v1.json', import.meta.url), 'utf8')) as string[];

it('no code that was ever given out is gone, and none is new without being noted', () => {
  expect(Object.keys(errorCodes).sort()).toEqual([...known].sort());
});

describe.each(Object.entries(errorCodes))('%s', (code, { status, retryable, fault, sentence }) => {
  it('is a code, an HTTP error and a sentence', () => {
    expect(code).toMatch(/^[A-Z]+(_[A-Z]+)*$/);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(600);
    expect(sentence).toMatch(/^[A-Z].*[.]$/);
  });
  it('is tried again exactly when that can help', () => {
    expect(fault === 'dead-letter').toBe(!retryable);
  });
  it('is waited for as long as it takes only when it is not the fault of a record', () => {
    if (fault === 'environment') expect(status).toBe(503);
  });
});
