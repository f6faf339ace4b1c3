import type { DatasetRequest, TrainingRequested } from '#contracts';

/** What is kept under a name: what to train, with what, from what. */
export interface Preset {
  name: string;
  recipe: string;
  parameters: TrainingRequested['parameters'];
  dataset?: DatasetRequest;
}

/** The presets of models. Errors: `REGISTRY_UNAVAILABLE`; `PRESET_UNKNOWN` with a sentence that says what to do. */
export abstract class Presets {
  /** That of the name; without a name the current one. */
  abstract find(model: string, name: string | undefined): Promise<Preset>;
}
