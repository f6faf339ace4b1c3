import type { ModelDeployed } from '#contracts';
import { messageOf } from '#runtime';

/** The steps from a promotion to serving it, as `model.deployed` names them. */
export type Step = NonNullable<ModelDeployed['step']>;

/** Why a version can't be served, and how far it came. */
export class StepFailed extends Error {
  override readonly name = 'StepFailed';

  constructor(
    readonly step: Step,
    readonly reason: string,
    cause?: unknown,
  ) {
    super(`${step}: ${reason}`, { cause });
  }
}

/** Whatever fails inside fails at this step, unless it says itself at which. */
export const at = async <T>(step: Step, work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    if (error instanceof StepFailed) throw error;
    throw new StepFailed(step, messageOf(error), error);
  }
};

/** @throws StepFailed when nobody waits for the outcome any more. */
export const stopIfUnwanted = (signal: AbortSignal, step: Step): void => {
  if (signal.aborted) throw unwanted(step);
};

export const unwanted = (step: Step): StepFailed =>
  new StepFailed(step, 'A newer promotion took the place of this one.');
