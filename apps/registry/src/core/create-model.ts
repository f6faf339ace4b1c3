import type { Tag } from './paging.js';
import type { RegisteredModel, RegisteredModels } from './registered-models.js';
import type { Transactions } from './transactions.js';

/** Makes a registered model (or a prompt); of two clients that make the same at once, one is told that it exists. */
export class CreateModel {
  constructor(
    private readonly transactions: Transactions,
    private readonly models: RegisteredModels,
  ) {}

  /** @throws PlatformError ALREADY_EXISTS. */
  execute(wish: { name: string; description?: string; tags: Tag[] }): Promise<RegisteredModel> {
    return this.transactions.run(() => this.models.create(wish));
  }
}
