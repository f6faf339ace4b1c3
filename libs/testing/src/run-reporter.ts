import { relative } from 'node:path';
import type { Reporter, SerializedError, TestModule } from 'vitest/node';
import { closingLines, type Counts, withMissing } from './closing-lines.js';
import { runReport } from './run-report.js';

/** Prints the closing lines; stands last in the list of reporters, so that the counts are the last line of a run. */
export class RunReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const inState = (state: string): number => tests.filter((test) => test.result().state === state).length;
    // A file or a hook that breaks has no failed test to show for it, but the run has failed all the same.
    const broken = modules.filter(
      (module) => !module.ok() && ![...module.children.allTests()].some((test) => test.result().state === 'failed'),
    ).length;
    const counts: Counts = {
      passed: inState('passed'),
      failed: inState('failed') + broken + unhandled.length,
      skipped: inState('skipped') + inState('pending'),
    };
    const total = withMissing(counts, runReport());
    if (total.failed > 0) process.exitCode = 1;
    const skipped = modules.flatMap((module) => {
      const results = [...module.children.allTests('skipped')].map((test) => test.result());
      const why = [...new Set(results.flatMap((result) => (result.state === 'skipped' ? (result.note ?? []) : [])))];
      const file = relative('', module.moduleId);
      return results.length === 0 ? [] : [[`${file} (${String(results.length)})`, ...why].join(': ')];
    });
    process.stdout.write(`\n${closingLines(total, runReport(), skipped).join('\n')}\n`);
  }
}
