import type { ModelPromoted } from '#contracts';

/** A load that was under way when a process ended without a word: a fault in native code ends all its threads at once. */
export interface CrashMark {
  readonly model: string;
  readonly version: number;
  readonly generation: number;
  /** Processes that ended while they loaded these bytes. */
  readonly crashes: number;
}

/** Marks around that part of a load in which native code can end the process; they outlive it. */
export abstract class CrashMarks {
  /** What earlier processes left of these bytes; undefined when they never ended one. */
  abstract of(sha256: string): Promise<CrashMark | undefined>;
  /** Settles when the mark would survive the end of this process. */
  abstract begin(promoted: ModelPromoted): Promise<void>;
  /** The load is over, well or not, and the process is still there. */
  abstract end(promoted: ModelPromoted): Promise<void>;
}

/** A version that has served here may only have been loaded beside the one that ended the process. */
const FORGIVEN_WHEN_SERVED = 1;

/**
 * Why a version is not even tried; undefined when it is. A later promotion of the same version is somebody's wish to try it again.
 * @param served whether these bytes have served on this replica
 */
export const refusalOf = (
  mark: CrashMark | undefined,
  promoted: Pick<ModelPromoted, 'model' | 'generation'>,
  served: boolean,
): string | undefined => {
  if (mark === undefined || mark.crashes <= (served ? FORGIVEN_WHEN_SERVED : 0)) return undefined;
  if (mark.model === promoted.model && promoted.generation > mark.generation) return undefined;
  const times = mark.crashes === 1 ? 'once' : `${String(mark.crashes)} times`;
  return (
    `The predictor ended ${times} while it loaded these bytes, so they are not loaded again. ` +
    'Mend the model, or promote this version once more to have it tried again.'
  );
};
