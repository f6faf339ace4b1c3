import type { Tag } from './paging.js';
import type { ModelVersions, RegisteredModels } from './registered-models.js';
import { refuseServableTag } from './servable-tags.js';
import type { Transactions } from './transactions.js';

/** Tags of registered models and of their versions. Removing one that is not there is fine, as in MLflow. */
export class TagModels {
  constructor(
    private readonly transactions: Transactions,
    private readonly models: RegisteredModels,
    private readonly versions: ModelVersions,
  ) {}

  /** @throws PlatformError MODEL_NOT_FOUND. */
  setOnModel(name: string, tag: Tag): Promise<void> {
    return this.transactions.run(() => this.models.setTag(name, tag));
  }

  /** @throws PlatformError MODEL_NOT_FOUND. */
  deleteFromModel(name: string, key: string): Promise<void> {
    return this.transactions.run(() => this.models.deleteTag(name, key));
  }

  /** @throws PlatformError VERSION_NOT_FOUND; REQUEST_INVALID for a tag that the registry sets. */
  setOnVersion(name: string, version: number, tag: Tag): Promise<void> {
    refuseServableTag(tag.key);
    return this.transactions.run(() => this.versions.setTag(name, version, tag));
  }

  /** @throws PlatformError VERSION_NOT_FOUND; REQUEST_INVALID for a tag that the registry sets. */
  deleteFromVersion(name: string, version: number, key: string): Promise<void> {
    refuseServableTag(key);
    return this.transactions.run(() => this.versions.deleteTag(name, version, key));
  }
}
