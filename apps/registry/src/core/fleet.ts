import type { FleetView, ModelDeployed } from '#contracts';

/** Replicas restate themselves every 10 s; one that missed three is lost. */
export const LOST_AFTER_MS = 30_000;
/** A replica unheard for so long is no longer shown; the topic forgets it after the same time. */
export const FORGOTTEN_AFTER_MS = 24 * 3_600_000;

/** The last word of every replica on every model. */
export abstract class Fleet {
  /** True when it was merely the same again: its time is kept, which is all there is to do. */
  abstract restated(said: ModelDeployed): Promise<boolean>;
  /** Keeps it unless a later word is known. Tells whether it says something new, not merely the same again. */
  abstract heard(said: ModelDeployed): Promise<boolean>;
  abstract all(): Promise<ModelDeployed[]>;
  /** Drops replicas that last spoke before this moment: every start of a predictor may be a new name. */
  abstract forget(beforeMs: number): Promise<void>;
}

/** Whether `said` differs from what was known in more than the time at which it was said. */
export const saysNew = (known: ModelDeployed | undefined, said: ModelDeployed): boolean =>
  known === undefined ||
  known.state !== said.state ||
  known.since !== said.since ||
  known.active?.generation !== said.active?.generation ||
  known.target?.generation !== said.target?.generation ||
  known.reason !== said.reason;

export const fleetAt = (said: readonly ModelDeployed[], nowMs: number): FleetView => ({
  replicas: said
    .filter(({ at }) => nowMs - Date.parse(at) < FORGOTTEN_AFTER_MS)
    .map((entry) => ({ ...entry, lost: nowMs - Date.parse(entry.at) > LOST_AFTER_MS }))
    .sort((a, b) => a.model.localeCompare(b.model) || a.predictorId.localeCompare(b.predictorId)),
});
