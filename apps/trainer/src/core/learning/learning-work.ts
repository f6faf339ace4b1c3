import { helpBoosting } from './trees/boosting-crew.js';
import { growTrees } from './trees/grow-trees.js';

/**
 * What can be done on another thread, by name: functions do not travel between threads, names do. Each is given its input and tells its
 * results one by one.
 */
export const learningWork = { 'grow-trees': growTrees, 'help-boosting': helpBoosting } as const;

export type LearningWork = typeof learningWork;
export type WorkName = keyof LearningWork;
