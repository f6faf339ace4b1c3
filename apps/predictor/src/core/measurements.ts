import type { ModelPromoted } from '#contracts';
import type { Step } from './step-failed.js';

/** What is worth measuring of swaps and answers. The names of the metrics are the business of whoever implements it. */
export abstract class Measurements {
  /** What serves and what should, as generations; 0 for nothing. */
  abstract generations(model: string, active: number, target: number): void;
  /** `sincePromotionMs` is absent for what was promoted before this process began to listen. */
  abstract swapped(promoted: ModelPromoted, swapMs: number, sincePromotionMs?: number): void;
  abstract failed(model: string, step: Step): void;
  /** `outcome` is `ok` or an error code. */
  abstract answered(promoted: ModelPromoted, outcome: string, tookMs: number): void;
}
