import { messageOf, type Logger } from '#runtime';
import type { Demand, Lane } from '../core/model-host.js';
import { stopIfUnwanted } from '../core/shared-lane.js';
import type { Turns } from '../core/turns.js';
import type { SpareThreads } from './spare-threads.js';

export interface AsideParts {
  readonly spares: SpareThreads;
  /** Whose turn it is. */
  readonly asides: Turns;
  readonly logger: Logger;
}

/**
 * Opens the file on a thread where nobody else lives, for one run that would hold those who share a thread; undefined when it could not
 * begin there. @throws whatever the run throws; CLIENT_GONE when nobody waits for it any more once it could begin
 */
export const runAside = async <T>(
  { spares, asides, logger }: AsideParts,
  file: () => Promise<Uint8Array>,
  run: (lane: Lane) => Promise<T>,
  demand?: Demand,
): Promise<T | undefined> => {
  const done = await asides.take(false, new AbortController().signal);
  try {
    stopIfUnwanted(demand);
    const lane = await openAside(spares, file).catch((error: unknown) => {
      logger.warn(`A long run holds a shared thread: ${messageOf(error)}`, { error });
      return undefined;
    });
    if (lane === undefined) return undefined;
    try {
      stopIfUnwanted(demand);
      return await run(lane);
    } finally {
      await lane.leave();
    }
  } finally {
    done();
  }
};

const openAside = async (
  spares: SpareThreads,
  file: () => Promise<Uint8Array>,
): Promise<Lane & { leave: () => Promise<void> }> => {
  const bytes = await file();
  const thread = await spares.take();
  // What takes long gives way to what does not.
  thread.stepBack(true);
  try {
    const session = await thread.open(bytes, { move: true });
    return {
      run: (inputs, outputNames) => session.run(inputs, outputNames),
      leave: () =>
        session.close().finally(() => {
          spares.giveBack(thread);
        }),
    };
  } catch (error) {
    spares.giveBack(thread);
    throw error;
  }
};
