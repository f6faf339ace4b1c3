import { expect, it } from 'vitest';
import type { LogCommand, RunState, Statement } from './log-statement.js';
import { LogWriter } from './log-writer.js';
import type { RegistryDatabase } from './registry-database.js';

/** A database that answers when it is told to, and fails statements that name the run `bad`. */
class SlowDatabase {
  readonly statements: Statement[] = [];
  readonly inTransaction = false;
  private waiting: (() => void)[] = [];

  async prepared(statement: Statement): Promise<RunState[]> {
    this.statements.push(statement);
    await new Promise<void>((resolve) => {
      this.waiting.push(resolve);
    });
    const runs = statement.values[0] as string[];
    if (runs.includes('bad')) throw new Error('bad');
    return runs.filter((run) => run !== 'gone').map((run_id) => ({ run_id, lifecycle_stage: 'active' }));
  }

  /** Lets everything through that is written until nothing waits any more. */
  async answerAll(): Promise<void> {
    for (let idle = 0; idle < 5; idle++) {
      if (this.waiting.length > 0) idle = 0;
      for (const resolve of this.waiting.splice(0)) resolve();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

const command = (runId: string, more: Partial<LogCommand> = {}): LogCommand => ({
  runId,
  params: [],
  metrics: [{ key: 'm', value: 1, timestampMs: 1, step: 1 }],
  tags: [],
  ...more,
});

const write = async (commands: LogCommand[]) => {
  const database = new SlowDatabase();
  const writer = new LogWriter(database as unknown as RegistryDatabase);
  const settled = Promise.allSettled(commands.map((one) => writer.write(one)));
  await database.answerAll();
  const told = (await settled).map((result) =>
    result.status === 'fulfilled' ? 'written' : (result.reason as Error).message,
  );
  return { told, runs: database.statements.map(({ values }) => values[0]), statements: database.statements };
};

it('writes the first at once, and together what came meanwhile', async () => {
  const { told, runs } = await write(Array.from({ length: 50 }, () => command('a')));
  expect(told).toEqual(Array.from({ length: 50 }, () => 'written'));
  expect(runs).toEqual([['a'], ['a']]);
});

it('never makes the fault of one that of another', async () => {
  // `a`, `c`, `gone` and so on may share a lane with `bad` or not; whoever does must not suffer.
  const names = ['a', 'bad', 'c', 'gone', 'e', 'f', 'bad', 'h'];
  const { told } = await write(names.map((name) => command(name)));
  expect(told).toEqual(
    names.map((name) =>
      name === 'bad' ? 'bad' : name === 'gone' ? 'NOT_FOUND: Run with id=gone not found' : 'written',
    ),
  );
});

it('does not write two values of one param in one statement', async () => {
  const given = ['1', '1', '2', '1'].map((value) => command('a', { metrics: [], params: [{ key: 'p', value }] }));
  const { statements } = await write(given);
  expect(statements.map(({ values }) => values[3])).toEqual([['1'], ['1'], ['2'], ['1']]);
});

it('keeps statements small enough not to make others wait', async () => {
  const metrics = Array.from({ length: 1000 }, (_, step) => ({ key: 'm', value: 1, timestampMs: 1, step }));
  const { statements } = await write(Array.from({ length: 9 }, () => command('a', { metrics })));
  expect(statements.map(({ values }) => (values[1] as string[]).length)).toEqual([1000, 4000, 4000]);
});
