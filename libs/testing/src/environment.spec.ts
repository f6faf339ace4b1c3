import { describe, expect, it } from 'vitest';
import { runEnvironment } from './environment.js';

describe('how much a fuzzer sends', () => {
  it('is told, or a few seconds of it', () => {
    expect(runEnvironment({ BATON_FUZZ_CASES: '50000' }).fuzzCases).toBe(50_000);
    expect(runEnvironment({}).fuzzCases).toBe(2_000);
    expect(() => runEnvironment({ BATON_FUZZ_CASES: 'many' })).toThrow(/a number of requests, not "many"/);
  });
});

describe('what a test run must have', () => {
  it('is services, and Python', () => {
    expect(runEnvironment({ BATON_REQUIRE: 'postgres, python' }).required).toEqual(['postgres', 'python']);
    expect(runEnvironment({}).required).toEqual([]);
  });

  it('is refused by name when it is unknown', () => {
    expect(() => runEnvironment({ BATON_REQUIRE: 'oracle' })).toThrow(/kafka, postgres, s3 and python, not "oracle"/);
  });
});
