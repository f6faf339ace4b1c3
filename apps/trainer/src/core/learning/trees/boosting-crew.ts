import { CONTROL, evenly, TASK, type BoostingMemory } from './boosting-memory.js';
import { FeatureHistograms } from './feature-histograms.js';
import { RowDivision } from './row-division.js';

/** What a task is made of: its parts have nothing to do with one another, so any thread may do any of them. */
const JOB = { histograms: 0, division: 1 } as const;

/** Looks at a thread's news before it goes to sleep: some 100 µs, in which the next task mostly comes. Waking takes about as long. */
const SPINS = 50_000;
/** Rows × features, and rows, below which waking the others takes longer than they save. */
const WORTH_WAKING = { histograms: 20_000, division: 8_000 } as const;
/** A part takes milliseconds; who took one and has not done it by then has died. */
const PATIENCE_MS = 60_000;

/** Helps with every task until there are no more. */
export const helpBoosting = (memory: BoostingMemory, _tell: (result: never) => void): void => {
  const { control } = memory;
  const hands = new Hands(memory);
  for (let turn = 0; ; turn = Atomics.load(control, CONTROL.turn)) {
    if (turn > 0) hands.takeParts();
    sleepWhile(control, CONTROL.turn, turn);
    if (Atomics.load(control, CONTROL.stopped) === 1) return;
  }
};

/** Returns when the place holds another number. @returns whether it does, after all the patience there is */
const sleepWhile = (control: Int32Array, place: number, known: number, patienceMs = Infinity): boolean => {
  for (let spin = 0; spin < SPINS; spin++) if (Atomics.load(control, place) !== known) return true;
  return Atomics.wait(control, place, known, patienceMs) !== 'timed-out';
};

/** Does parts of tasks on the calling thread. */
class Hands {
  readonly division: RowDivision;
  private readonly histograms: FeatureHistograms;

  constructor(private readonly memory: BoostingMemory) {
    this.histograms = new FeatureHistograms(memory);
    this.division = new RowDivision(memory);
  }

  /**
   * Does parts that nobody has taken until there are none. They are counted down, so whoever comes late to a task finds none left, or takes
   * one of the next task, which was written before its parts were counted.
   */
  takeParts(): void {
    const { control, task } = this.memory;
    for (;;) {
      const part = Atomics.sub(control, CONTROL.left, 1) - 1;
      if (part < 0) return;
      this.do(task[TASK.job], part);
      if (Atomics.sub(control, CONTROL.undone, 1) === 1) Atomics.notify(control, CONTROL.undone);
    }
  }

  do(job: number, part: number): void {
    if (job === JOB.histograms) this.histograms.search(part);
    else this.division.part(part);
  }
}

/** The one who asks: does its share of every task, and waits for what others took. */
export class BoostingCrew {
  private readonly hands: Hands;

  /** @param memory on which as many threads run `helpBoosting` as it is for, less this one */
  constructor(private readonly memory: BoostingMemory) {
    this.hands = new Hands(memory);
  }

  /** Finds the best splits that `task` asks for. @throws Error when a helper has died */
  search(rows: number): void {
    const { featureCount } = this.memory.features;
    this.share(JOB.histograms, evenly(featureCount) / 2, rows * featureCount >= WORTH_WAKING.histograms);
  }

  /** Moves the rows of a node, as `task` says. @returns where those to the right begin @throws Error when a helper has died */
  divide(rows: number): number {
    const { task, lefts } = this.memory;
    const parts = rows >= WORTH_WAKING.division ? lefts.length : 1;
    task[TASK.parts] = parts;
    this.share(JOB.division, parts, parts > 1);
    return this.hands.division.join();
  }

  /** Sends the helpers away. */
  stop(): void {
    const { control } = this.memory;
    Atomics.store(control, CONTROL.stopped, 1);
    Atomics.add(control, CONTROL.turn, 1);
    Atomics.notify(control, CONTROL.turn);
  }

  private share(job: number, parts: number, isWorthIt: boolean): void {
    const { control, task } = this.memory;
    task[TASK.job] = job;
    if (this.memory.lefts.length === 1 || !isWorthIt) {
      for (let part = 0; part < parts; part++) this.hands.do(job, part);
      return;
    }
    Atomics.store(control, CONTROL.undone, parts);
    Atomics.store(control, CONTROL.left, parts);
    Atomics.add(control, CONTROL.turn, 1);
    Atomics.notify(control, CONTROL.turn);
    this.hands.takeParts();
    for (let undone = parts; undone > 0; undone = Atomics.load(control, CONTROL.undone))
      if (!sleepWhile(control, CONTROL.undone, undone, PATIENCE_MS))
        throw new Error('A thread that helps with a fit has ended.');
  }
}
