import type { TrainingProgressed } from '#contracts';

/** Tells how a training comes along, best effort: it neither waits nor fails, and drops what comes too fast. */
export abstract class ProgressReports {
  abstract say(progress: TrainingProgressed): void;
}
