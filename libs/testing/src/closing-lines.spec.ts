import { describe, expect, it } from 'vitest';
import { closingLines, withMissing } from './closing-lines.js';
import type { RunReport } from './run-report.js';

const report: RunReport = {
  used: [{ name: 'postgres', how: 'native' }],
  missing: [
    { name: 'kafka', reason: 'java is not installed.', required: true },
    { name: 's3', reason: 'No Go.', required: false },
  ],
};

describe('closing lines', () => {
  it('end with the counts, after what was used, missed and skipped', () => {
    expect(closingLines({ passed: 3, failed: 1, skipped: 2 }, report, ['test/story.e2e.spec.ts'])).toEqual([
      'service postgres: native',
      'service kafka: missing, but required. java is not installed.',
      'service s3: missing. No Go.',
      'skipped: test/story.e2e.spec.ts',
      'tests: 3 passed, 1 failed, 2 skipped',
    ]);
  });

  it('count a required service that is missing as a failure, another not', () => {
    expect(withMissing({ passed: 3, failed: 0, skipped: 2 }, report)).toEqual({ passed: 3, failed: 1, skipped: 2 });
  });
});
