import { randomUUID } from 'node:crypto';
import type { ModelDeployed } from '#contracts';
import type { EventPublisher } from '#messaging';
import { messageOf, type Clock, type Logger } from '#runtime';
import { Deployments } from '../core/deployments.js';

export interface PublisherOptions {
  predictorId: string;
  restateMs: number;
  /** Where this replica answers HTTP, once it is known. */
  url: () => string | undefined;
}

const RETRY_MS = 1_000;

/** A bus that is down must not hold up the end of the process. */
const LEAVE_WITHIN_MS = 2_000;

/**
 * Says `model.deployed` at each change and again every `restateMs`, one model after the other over that time: hundreds at once would
 * be felt by requests, here and at the registry. Only the latest state of a model waits for the bus: when it was down, what is told
 * afterwards is what is true then.
 */
export class ModelDeployedPublisher extends Deployments {
  /** The one that was said the longest ago comes first. */
  private readonly states = new Map<string, ModelDeployed>();
  private readonly unsaid = new Set<string>();
  private speaking: Promise<void> | undefined;
  private restating: NodeJS.Timeout | undefined;
  private warned = false;
  private left = false;

  constructor(
    private readonly publisher: EventPublisher,
    private readonly clock: Clock,
    private readonly logger: Logger,
    private readonly options: PublisherOptions,
  ) {
    super();
  }

  onModuleInit(): void {
    this.restateNext();
  }

  changed(state: ModelDeployed): void {
    if (this.left) return;
    this.states.delete(state.model);
    this.states.set(state.model, state);
    this.say(state.model);
  }

  async leave(): Promise<void> {
    clearTimeout(this.restating);
    for (const state of [...this.states.values()])
      this.changed({
        ...state,
        state: 'unloaded',
        active: null,
        target: null,
        step: undefined,
        reason: 'This replica shuts down.',
        since: this.clock.iso(),
      });
    this.left = true;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, LEAVE_WITHIN_MS)));
    await Promise.race([this.speaking, late]);
    clearTimeout(timer);
  }

  private restateNext(): void {
    const restate = (): void => {
      const [oldest] = this.states.values();
      if (this.states.size > 0) this.changed(oldest);
      this.restateNext();
    };
    this.restating = setTimeout(restate, this.options.restateMs / Math.max(1, this.states.size));
  }

  private say(model: string): void {
    this.unsaid.add(model);
    this.speaking ??= this.speak().finally(() => (this.speaking = undefined));
  }

  private async speak(): Promise<void> {
    for (;;) {
      const [model] = this.unsaid;
      const state = this.states.get(model);
      if (state === undefined) return;
      this.unsaid.delete(model);
      try {
        await this.publish(state);
        this.warned = false;
      } catch (error) {
        this.unsaid.add(model);
        if (this.left) return;
        if (!this.warned) this.logger.warn(`model.deployed could not be said: ${messageOf(error)}`, { model });
        this.warned = true;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS).unref());
      }
    }
  }

  private publish(state: ModelDeployed): Promise<void> {
    const { predictorId, url } = this.options;
    const time = this.clock.iso();
    return this.publisher.publish('model.deployed', `${predictorId}/${state.model}`, {
      id: randomUUID(),
      source: `/predictor/${predictorId}`,
      type: 'model.deployed',
      subject: state.model,
      time,
      data: { ...state, at: time, url: url() },
    });
  }
}
