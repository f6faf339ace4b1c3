import type { PresetView, PresetsView, PutPreset } from '#contracts';

/** Presets of models. A model need not be registered yet to have some; at most one of each model is current. */
export abstract class Presets {
  /** By name. */
  abstract list(model: string): Promise<PresetsView>;
  abstract find(model: string, name: string): Promise<PresetView | undefined>;
  abstract current(model: string): Promise<PresetView | undefined>;
  /** Makes it or changes all of it; the first of a model becomes its current one. */
  abstract put(model: string, name: string, preset: PutPreset, at: string): Promise<PresetView>;
  /** Errors: NOT_FOUND. */
  abstract use(model: string, name: string): Promise<PresetView>;
  /** Errors: NOT_FOUND; CONFLICT for the current one while there are others, and for one that a schedule names. */
  abstract delete(model: string, name: string): Promise<void>;
  /** Those of one model for another, which keeps its own of the same names, and its current one. */
  abstract copy(model: string, to: string): Promise<void>;
  /** All of a model, of which no schedule may be left. */
  abstract forget(model: string): Promise<void>;
}
