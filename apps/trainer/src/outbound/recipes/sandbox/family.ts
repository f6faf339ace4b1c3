import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { factsOf, limitOf, livingProcesses, startedWith, type ProcessFacts } from './processes.js';

/** Name of the variable that marks every process of an attempt, however it got away from its group. */
export const MARK = 'TRAINER_MARK';

/** The mark as a number of KiB, for a limit that is so large that it limits nothing: what cleared its environment has it still. */
export const limitMark = (mark: string): number =>
  2 ** 40 + createHash('sha256').update(mark).digest().readUIntBE(0, 5);

const PAUSE_MS = 20;
const PATIENCE_MS = 5_000;

/**
 * A process and all that comes of it: its children, its group and session, and what carries the mark in its environment or its limits.
 * Who was seen once stays of the family.
 */
export class Family {
  private readonly known = new Map<number, number>();
  private readonly strangers = new Map<number, number>();
  private readonly root?: ProcessFacts;
  /** In bytes, as the kernel tells it. */
  private readonly limit: number;

  /** @param pid the first process, a group leader; undefined: only what carries the mark. */
  constructor(
    private readonly mark: string,
    pid?: number,
  ) {
    this.limit = limitMark(mark) * 1024;
    // One that is over already has left its group and session to what it started.
    this.root = pid === undefined ? undefined : (factsOf(pid) ?? { pid, parent: 0, group: pid, session: pid, born: 0 });
    if (this.root !== undefined) this.known.set(this.root.pid, this.root.born);
  }

  /** Those that live now. */
  members(): ProcessFacts[] {
    const all = livingProcesses().filter(({ pid }) => pid !== process.pid);
    const members = all.filter((each) => this.isMember(each));
    // A child may be listed before the parent by which it is known.
    for (;;) {
      const ids = new Set(members.map(({ pid }) => pid));
      const more = all.filter((each) => !ids.has(each.pid) && ids.has(each.parent));
      if (more.length === 0) break;
      members.push(...more);
    }
    for (const { pid, born } of members) this.known.set(pid, born);
    return members;
  }

  /** Ends them all, again and again until none is left: a process that is killed may have forked. True when none is. */
  async end(): Promise<boolean> {
    const deadline = performance.now() + PATIENCE_MS;
    for (;;) {
      if (this.root !== undefined) kill(-this.root.pid);
      const members = this.members();
      if (members.length === 0) return true;
      if (performance.now() > deadline) return false;
      // Stopped first, none of them can fork while the others are ended.
      for (const { pid } of members) kill(pid, 'SIGSTOP');
      for (const { pid } of members) kill(pid);
      await sleep(PAUSE_MS);
      this.strangers.clear();
    }
  }

  private isMember(each: ProcessFacts): boolean {
    const { pid, born, group, session } = each;
    if (this.known.get(pid) === born) return true;
    if (this.root !== undefined && born >= this.root.born && (group === this.root.pid || session === this.root.pid))
      return true;
    // Looked at once: both are the same for as long as the process runs one program.
    if (this.strangers.get(pid) === born) return false;
    if (startedWith(pid, `${MARK}=${this.mark}`) || limitOf(pid) === this.limit) return true;
    this.strangers.set(pid, born);
    return false;
  }
}

const kill = (pid: number, signal: NodeJS.Signals = 'SIGKILL'): void => {
  try {
    process.kill(pid, signal);
  } catch {
    /* it is gone */
  }
};
