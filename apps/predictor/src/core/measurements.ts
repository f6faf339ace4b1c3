import type { ModelPromoted } from '#contracts';
import type { Step } from './step-failed.js';
import type { Ran, VersionFigures } from './version-figures.js';

/** Which version of which model. */
export type Which = Pick<ModelPromoted, 'model' | 'version'>;

/** What is worth measuring of swaps and answers. The names of the metrics are the business of whoever implements it. */
export abstract class Measurements {
  /** What serves and what should, as generations; 0 for nothing. */
  abstract generations(model: string, active: number, target: number): void;
  /** `sincePromotionMs` is absent for what was promoted before this process began to listen. */
  abstract swapped(promoted: ModelPromoted, swapMs: number, sincePromotionMs?: number): void;
  abstract failed(model: string, step: Step): void;
  /** A load that ended well: from its begin (the fetch included) to a model that has answered as promised. */
  abstract loaded(which: Which, tookMs: number): void;
  /** A request that a version took has ended. `outcome` is `ok` or an error code. */
  abstract answered(which: Which, outcome: string, tookMs: number): void;
  /** A request that no version took: the code of the error it was answered with. */
  abstract refused(outcome: string): void;
  /** A session of this version has run once. */
  abstract ran(which: Which, run: Ran): void;
  /** All that is known of the requests of one version; undefined when it had none. */
  abstract figuresOf(model: string, version: number): VersionFigures | undefined;
}

/** For what is tested without being measured. */
export class NoMeasurements extends Measurements {
  generations = (): void => undefined;
  swapped = (): void => undefined;
  failed = (): void => undefined;
  loaded = (): void => undefined;
  answered = (): void => undefined;
  refused = (): void => undefined;
  ran = (): void => undefined;
  figuresOf = (): undefined => undefined;
}
