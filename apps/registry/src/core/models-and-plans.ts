import type { Presets } from './presets.js';
import type { RegisteredModels } from './registered-models.js';
import type { Schedules } from './schedules.js';

/** Registered models with what is planned for them: presets and schedules go along, or a schedule would make a deleted model again by night. */
export class ModelsAndPlans {
  constructor(
    private readonly models: RegisteredModels,
    private readonly presets: Presets,
    private readonly schedules: Schedules,
  ) {}

  /** @throws PlatformError MODEL_NOT_FOUND. */
  async delete(model: string): Promise<void> {
    await this.models.delete(model);
    await this.schedules.forget(model);
    await this.presets.forget(model);
  }

  /**
   * A preset or schedule that was kept under the new name already stays as it is.
   * @throws PlatformError MODEL_NOT_FOUND, ALREADY_EXISTS.
   */
  async rename(model: string, newName: string): Promise<void> {
    await this.models.rename(model, newName);
    if (model === newName) return;
    await this.presets.copy(model, newName);
    await this.schedules.rename(model, newName);
    await this.presets.forget(model);
  }
}
