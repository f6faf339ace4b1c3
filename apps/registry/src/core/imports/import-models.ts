import type { ImportedVersion, ImportModel, ImportVersion } from '#contracts';
import { PlatformError } from '#runtime';
import { keyOfLocation } from '../artifact-locations.js';
import type { FreezeModel } from '../freeze-model.js';
import { checkedAlias, checkedModelName } from '../model-names.js';
import { isPrompt } from '../prompts.js';
import type { Frozen, ModelVersions, RegisteredModels } from '../registered-models.js';
import { withServableTags } from '../servable-tags.js';
import type { Transactions } from '../transactions.js';
import type { Imports } from './imports.js';

/**
 * Registered models and versions of another server. They come with their stages and aliases as labels only: history that
 * is brought along says nothing on the bus or to webhooks and promotes nothing; who wants it served promotes it.
 */
export class ImportModels {
  constructor(
    private readonly transactions: Transactions,
    private readonly imports: Imports,
    private readonly models: RegisteredModels,
    private readonly versions: ModelVersions,
    private readonly freeze: FreezeModel,
  ) {}

  /** @throws PlatformError REQUEST_INVALID for a name that models can not have here, CONFLICT. */
  model(name: string, model: ImportModel): Promise<void> {
    return this.transactions.run(async () => {
      if (!(await this.imports.model(checkedModelName(name), model))) return;
      for (const tag of model.tags) await this.models.setTag(name, tag);
      await this.imports.stampModel(name, model);
    });
  }

  /** @throws PlatformError MODEL_NOT_FOUND, CONFLICT; REQUEST_INVALID for a place outside of this registry. */
  async version(name: string, version: number, given: ImportVersion): Promise<ImportedVersion> {
    if (keyOfLocation(given.storageLocation) === undefined)
      throw new PlatformError(
        'REQUEST_INVALID',
        `The files of an imported version lie here, at mlflow-artifacts:/…, not at ${given.storageLocation}.`,
      );
    const known = await this.imports.hasVersion(name, version);
    const frozen = known ? NOT_LOOKED_AT : await this.frozen(given);
    await this.transactions.run(async () => {
      await this.models.get(name);
      if (!(await this.imports.version(name, version, given, frozen))) return;
      const tags = isPrompt(given.tags) ? given.tags : withServableTags(given.tags, frozen);
      for (const tag of tags) await this.versions.setTag(name, version, tag);
      for (const alias of given.aliases) await this.models.setAlias(name, checkedAlias(alias), version);
      await this.imports.stampVersion(name, version, given);
    });
    const made = (await this.versions.get(name, version)).frozen;
    return { version, servable: made.servable, notServableReason: made.servable ? null : made.reason };
  }

  private async frozen({ tags, storageLocation }: ImportVersion): Promise<Frozen> {
    return isPrompt(tags) ? { servable: false, reason: 'it is a prompt' } : this.freeze.execute(storageLocation);
  }
}

const NOT_LOOKED_AT: Frozen = { servable: false, reason: 'it was imported before' };
