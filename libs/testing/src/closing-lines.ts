import type { RunReport } from './run-report.js';

export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** What a run says last: the services it had, those it had not, the suites skipped for that, and the counts. */
export const closingLines = (counts: Counts, report: RunReport, skippedFiles: string[]): string[] => [
  ...report.used.map(({ name, how }) => `service ${name}: ${how}`),
  ...report.missing.map(
    ({ name, reason, required }) => `service ${name}: missing${required ? ', but required' : ''}. ${reason}`,
  ),
  ...skippedFiles.map((file) => `skipped: ${file}`),
  `tests: ${String(counts.passed)} passed, ${String(counts.failed)} failed, ${String(counts.skipped)} skipped`,
];

/** A service that is required and missing counts as one failure, so that the counts never look better than the run. */
export const withMissing = (counts: Counts, report: RunReport): Counts => ({
  ...counts,
  failed: counts.failed + report.missing.filter(({ required }) => required).length,
});
