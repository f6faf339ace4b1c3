import type { Summary } from './statistics.js';

export const groups = [
  'tracking',
  'search',
  'history',
  'artifacts',
  'promotion',
  'serving',
  'swap',
  'delivery',
  'memory',
  'many',
  'load-memory',
  'training',
  'training-quality',
  'exported',
  'training-memory',
  'spawn',
] as const;
export type Group = (typeof groups)[number];

/** One line of docs/performance.md. */
export interface Figure {
  group: Group;
  name: string;
  /** What our side took. */
  ours: Summary;
  /** What it is held against took; absent when it has nothing of the kind. */
  theirs?: Summary;
  /** Whom it is held against. */
  against?: string;
  /** How many times better than the other: of rates or of times, as the figure says. */
  ratio?: number;
  /** The ratio is at least this: the other gave no answer in time. */
  ratioIsFloor?: boolean;
  target: string;
  /** Absent when there is nothing to reach: the figure is told for itself. */
  met?: boolean;
  notes?: string;
}
