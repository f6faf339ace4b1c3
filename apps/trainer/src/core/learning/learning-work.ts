import { growTrees } from './trees/grow-trees.js';
import { shareHistograms } from './trees/share-histograms.js';

/**
 * What can be done on another thread, by name: functions do not travel between threads, names do. Each is given its input and tells its
 * results one by one.
 */
export const learningWork = { 'grow-trees': growTrees, 'share-histograms': shareHistograms } as const;

export type LearningWork = typeof learningWork;
export type WorkName = keyof LearningWork;
