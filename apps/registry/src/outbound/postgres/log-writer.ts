import { PlatformError } from '#runtime';
import { isConflict } from './database-errors.js';
import { logStatement, type LogCommand, type RunState } from './log-statement.js';
import type { RegistryDatabase } from './registry-database.js';

/** Statements that may be under way at once; each run always takes the same lane, so that its writes keep their order. */
const LANES = 2;
/** One statement holds the rows of at most this many requests and points: it must not keep others waiting for long. */
const MAX_COMMANDS = 200;
const MAX_METRICS = 4_000;
const CONFLICT_ATTEMPTS = 4;

interface Waiting {
  command: LogCommand;
  resolve: () => void;
  reject: (reason: unknown) => void;
}

/**
 * Writes what is logged to runs. While one statement is under way, what arrives waits and is written together by the next:
 * an idle registry writes at once, a busy one writes more at a time. A request is answered after its own rows are
 * committed, and the fault of one is never another's: a statement that fails is taken apart and each request tried alone.
 */
export class LogWriter {
  private readonly lanes: Lane[];

  constructor(private readonly database: RegistryDatabase) {
    this.lanes = Array.from({ length: LANES }, () => new Lane((commands) => this.execute(commands)));
  }

  /** @throws PlatformError NOT_FOUND or REQUEST_INVALID for an unknown or a deleted run; what the database said. */
  async write(command: LogCommand): Promise<void> {
    // Inside a transaction of its caller it has to see what that one wrote.
    if (!this.database.inTransaction) return this.laneOf(command.runId).write(command);
    const [fault] = await this.execute([command]);
    if (fault !== undefined) throw fault;
  }

  private laneOf(runId: string): Lane {
    let hash = 0;
    for (let at = 0; at < runId.length; at++) hash = (hash * 31 + runId.charCodeAt(at)) >>> 0;
    return this.lanes[hash % LANES];
  }

  /** The fault of each command that has one. A victim of a deadlock is tried again from its beginning. */
  private async execute(commands: readonly LogCommand[]): Promise<(Error | undefined)[]> {
    const statement = logStatement(commands);
    for (let attempt = 1; ; attempt++)
      try {
        const rows = await this.database.prepared<RunState>(statement);
        const stages = new Map(rows.map(({ run_id, lifecycle_stage }) => [run_id, lifecycle_stage]));
        return commands.map(({ runId }) => inactive(runId, stages.get(runId)));
      } catch (error) {
        if (attempt >= CONFLICT_ATTEMPTS || !isConflict(error)) throw error;
      }
  }
}

class Lane {
  private readonly waiting: Waiting[] = [];
  private busy = false;

  constructor(private readonly execute: (commands: readonly LogCommand[]) => Promise<(Error | undefined)[]>) {}

  write(command: LogCommand): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ command, resolve, reject });
      if (!this.busy) void this.work();
    });
  }

  private async work(): Promise<void> {
    this.busy = true;
    while (this.waiting.length > 0) await this.settle(this.waiting.splice(0, together(this.waiting)));
    this.busy = false;
  }

  private async settle(batch: readonly Waiting[]): Promise<void> {
    try {
      const faults = await this.execute(batch.map(({ command }) => command));
      for (const [at, { resolve, reject }] of batch.entries())
        if (faults[at] === undefined) resolve();
        else reject(faults[at]);
    } catch (error) {
      const isAway = error instanceof PlatformError && error.code === 'DATABASE_UNAVAILABLE';
      if (batch.length === 1 || isAway) for (const { reject } of batch) reject(error);
      else for (const one of batch) await this.settle([one]);
    }
  }
}

/** How many of those that wait go into one statement: as they came, as long as no param would be given two values. */
const together = (waiting: readonly Waiting[]): number => {
  const params = new Map<string, string>();
  let metrics = 0;
  let count = 0;
  for (const { command } of waiting) {
    metrics += command.metrics.length;
    if (count > 0 && (count >= MAX_COMMANDS || metrics > MAX_METRICS)) break;
    const clashes = command.params.some(({ key, value }) => {
      const known = params.get(`${command.runId}\0${key}`);
      return known !== undefined && known !== value;
    });
    if (clashes) break;
    for (const { key, value } of command.params) params.set(`${command.runId}\0${key}`, value);
    count += 1;
  }
  return count;
};

const inactive = (runId: string, stage: string | undefined): PlatformError | undefined => {
  if (stage === 'active') return undefined;
  if (stage === undefined) return new PlatformError('NOT_FOUND', `Run with id=${runId} not found`);
  return new PlatformError(
    'REQUEST_INVALID',
    `The run ${runId} must be in the 'active' state. Current state is ${stage}.`,
  );
};
