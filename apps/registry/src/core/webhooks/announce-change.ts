import type { Clock } from '#runtime';
import { isPrompt } from '../prompts.js';
import type { RegisteredModels } from '../registered-models.js';
import { bodyOf } from './example-events.js';
import { dataOf, eventsOf, type RegistryChange } from './registry-change.js';
import type { WebhookDeliveries } from './webhook-deliveries.js';

/** Writes what a change means to webhooks; called inside the transaction of the change, so that both are or neither is. */
export class AnnounceChange {
  constructor(
    private readonly deliveries: WebhookDeliveries,
    private readonly models: RegisteredModels,
    private readonly clock: Clock,
  ) {}

  async execute(change: RegistryChange): Promise<void> {
    const { model, prompt } = eventsOf[change.kind];
    const possible = [model, prompt].filter((event) => event !== undefined);
    if (!(await this.deliveries.anyoneFor(possible))) return;
    const event = (await this.isOfPrompt(change)) ? prompt : model;
    if (event !== undefined) await this.deliveries.add(event, bodyOf(event, dataOf(change), this.clock.iso()));
  }

  /** As MLflow tells them apart: what is created by its own tags, what is changed by those of its model. */
  private async isOfPrompt(change: RegistryChange): Promise<boolean> {
    const created = change.kind === 'model created' || change.kind === 'version created';
    return isPrompt(created ? change.tags : (await this.models.get(change.name)).tags);
  }
}
