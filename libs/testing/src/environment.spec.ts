import { describe, expect, it } from 'vitest';
import { runEnvironment } from './environment.js';

describe('what a test run must have', () => {
  it('is services, and Python', () => {
    expect(runEnvironment({ BATON_REQUIRE: 'postgres, python' }).required).toEqual(['postgres', 'python']);
    expect(runEnvironment({}).required).toEqual([]);
  });

  it('is refused by name when it is unknown', () => {
    expect(() => runEnvironment({ BATON_REQUIRE: 'oracle' })).toThrow(/kafka, postgres, s3 and python, not "oracle"/);
  });
});
