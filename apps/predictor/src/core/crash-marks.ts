import type { ModelPromoted } from '#contracts';

/** A load that was under way when a process ended without a word: a fault in native code ends all its threads at once. */
export interface CrashMark {
  /** The models whose loads of these bytes they were, each with the generation of its promotion. */
  readonly promotions: Readonly<Record<string, number>>;
  /** Processes that ended while they loaded these bytes, with no load in between that came to its end. */
  readonly crashes: number;
  /** True when nothing else was being loaded when the last of them ended. */
  readonly alone: boolean;
  /** When the end of the last of them was noticed. */
  readonly foundAtMs: number;
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

const FIRST_PAUSE_MS = 10 * 60_000;
const LONGEST_PAUSE_MS = 24 * 3_600_000;

/**
 * What ends a process is not known: it may have been killed, or by what was loaded beside, or, where these bytes have served before,
 * by anything but them. They get a second chance then.
 */
const crashesToCondemn = (mark: CrashMark, served: boolean): number => (mark.alone && !served ? 1 : 2);

/**
 * Why a version is not even tried now; undefined when it is. It is tried again after a pause, which doubles with each crash, and at
 * once when it is promoted again: that is somebody's wish.
 * @param here.served whether these bytes have served on this replica
 */
export const refusalOf = (
  mark: CrashMark | undefined,
  promoted: Pick<ModelPromoted, 'model' | 'generation'>,
  here: { served: boolean; nowMs: number },
): string | undefined => {
  if (mark === undefined || mark.crashes < crashesToCondemn(mark, here.served)) return undefined;
  const marked = mark.promotions[promoted.model] ?? Infinity;
  if (promoted.generation > marked) return undefined;
  const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** (mark.crashes - 1), LONGEST_PAUSE_MS);
  const untilMs = mark.foundAtMs + pauseMs;
  // A mark from the future is one of a clock that went wrong.
  if (here.nowMs >= untilMs || here.nowMs < mark.foundAtMs) return undefined;
  const times = mark.crashes === 1 ? 'once' : `${String(mark.crashes)} times`;
  return (
    `The predictor ended ${times} while it loaded these bytes, so they are not loaded before ${new Date(untilMs).toISOString()}. ` +
    'Mend the model, or promote this version once more to have it tried at once.'
  );
};
