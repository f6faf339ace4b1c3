import { PlatformError } from '#runtime';
import type { SwapModel } from './swap-model.js';

/** Nothing of this name is promoted, or nothing at all when no name was given; `pinned` are versions that may be asked for by number. */
export const notServedHere = (name: string | undefined, pinned: readonly number[]): PlatformError => {
  if (name === undefined)
    return new PlatformError('NO_MODEL_PROMOTED', 'No model has been promoted yet; promote a version and ask again.');
  const hint = pinned.length === 0 ? '' : ` Pinned here, and to be asked for by number: ${pinned.join(', ')}.`;
  return new PlatformError('MODEL_NOT_FOUND', `No model "${name}" is promoted.${hint}`);
};

/** It is promoted, and nothing of it answers yet. */
export const notReady = (swap: SwapModel): PlatformError => {
  const why = swap.failed === undefined ? 'It is being loaded.' : `${swap.failed.step} failed: ${swap.failed.reason}`;
  return new PlatformError('MODEL_NOT_READY', `The model "${swap.name}" is promoted but not served yet. ${why}`);
};
