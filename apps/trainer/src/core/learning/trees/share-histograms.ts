import { CONTROL, type BoostingMemory } from './boosting-memory.js';
import { FeatureHistograms } from './feature-histograms.js';

/** Helps with every task until there are no more. */
export const shareHistograms = (memory: BoostingMemory, _tell: (result: never) => void): void => {
  const { control } = memory;
  const histograms = new FeatureHistograms(memory);
  for (let turn = 0; ; turn = Atomics.load(control, CONTROL.turn)) {
    if (turn > 0) takeFeatures(memory, histograms);
    Atomics.wait(control, CONTROL.turn, turn);
    if (Atomics.load(control, CONTROL.stopped) === 1) return;
  }
};

/**
 * Does features that nobody has taken until there are none. The task is read after a feature was taken, and is written before the count of
 * taken ones is set back: whoever comes late to one task may take from the next without harm.
 */
const takeFeatures = ({ control, features }: BoostingMemory, histograms: FeatureHistograms): void => {
  const { featureCount } = features;
  for (;;) {
    const feature = Atomics.add(control, CONTROL.next, 1);
    if (feature >= featureCount) return;
    histograms.search(feature);
    if (Atomics.add(control, CONTROL.done, 1) + 1 === featureCount) Atomics.notify(control, CONTROL.done);
  }
};

/** Rows × features of a task below which waking the others takes longer than they save. */
const WORTH_WAKING = 20_000;
/** A feature takes milliseconds; who took one and has not done it by then has died. */
const PATIENCE_MS = 60_000;

/** The one who asks: does its share of every task, and waits for what others took. */
export class HistogramCrew {
  private readonly histograms: FeatureHistograms;

  /** @param hasHelpers whether threads run `shareHistograms` on this memory */
  constructor(
    private readonly memory: BoostingMemory,
    private readonly hasHelpers: boolean,
  ) {
    this.histograms = new FeatureHistograms(memory);
  }

  /** Resolves the task, of so many rows. @throws Error when a helper has died */
  search(rows: number): void {
    const { control, features } = this.memory;
    const { featureCount } = features;
    if (!this.hasHelpers || rows * featureCount < WORTH_WAKING) {
      for (let feature = 0; feature < featureCount; feature++) this.histograms.search(feature);
      return;
    }
    Atomics.store(control, CONTROL.done, 0);
    Atomics.store(control, CONTROL.next, 0);
    Atomics.add(control, CONTROL.turn, 1);
    Atomics.notify(control, CONTROL.turn);
    takeFeatures(this.memory, this.histograms);
    for (;;) {
      const done = Atomics.load(control, CONTROL.done);
      if (done === featureCount) return;
      if (Atomics.wait(control, CONTROL.done, done, PATIENCE_MS) === 'timed-out')
        throw new Error('A thread that helps with a fit has ended.');
    }
  }

  /** Sends the helpers away. */
  stop(): void {
    const { control } = this.memory;
    Atomics.store(control, CONTROL.stopped, 1);
    Atomics.add(control, CONTROL.turn, 1);
    Atomics.notify(control, CONTROL.turn);
  }
}
