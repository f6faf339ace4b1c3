import { PlatformError, type Logger } from '#runtime';
import { deferred } from './deferred.js';
import type { Subscription, SubscriptionSpec } from './event-bus.js';
import { backoffMs, environmentRetry, waitFor } from './retry-policy.js';

/** A handler rejected, which is a bug in the shell around it: the subscription ends for good, with the cause. */
export class HandlerFailed extends Error {
  override readonly name = 'HandlerFailed';
  /** Read by kafkajs: the consumer is not to start again by itself. */
  readonly retriable = false;
  constructor(cause: unknown) {
    super('A record handler rejected.', { cause });
  }
}

/** What one stay in a group is told and tells. */
export interface Stay {
  /** Aborts when the subscription closes. */
  closing: AbortSignal;
  /** The place in the topic is fixed: nothing that is said from now on is passed over. */
  joined: () => void;
  /** What lay in the topic at the moment of subscribing was handled. */
  caughtUp: () => void;
}

/** How a bus keeps one member in a group: from connecting to the loss of the connection, or to closing. */
export abstract class Membership {
  /** Name of the bus in the log. */
  abstract readonly bus: string;
  abstract stay(stay: Stay): Promise<void>;
  /** True for what no new connection mends. */
  abstract isFatal(error: unknown): boolean;
}

/** Keeps a member of a group alive: begins a new stay whenever one ended for a reason that may pass. */
export class SupervisedSubscription implements Subscription {
  private readonly place = deferred();
  private readonly caught = deferred();
  private readonly ended = deferred();
  private readonly closing = new AbortController();
  /** Resolves when the place is fixed; rejects when it was given up before, or cannot ever be. */
  readonly joined = this.place.promise;
  readonly caughtUp = this.caught.promise;
  readonly stopped = this.ended.promise;
  private readonly done: Promise<void>;

  constructor(
    private readonly spec: SubscriptionSpec,
    private readonly membership: Membership,
    private readonly logger: Logger,
  ) {
    spec.signal?.addEventListener('abort', () => void this.close());
    if (spec.signal?.aborted === true) this.closing.abort(new PlatformError('SHUTTING_DOWN'));
    this.done = this.supervise();
  }

  async close(): Promise<void> {
    this.closing.abort(new PlatformError('SHUTTING_DOWN'));
    await this.done;
  }

  private isClosing(): boolean {
    return this.closing.signal.aborted;
  }

  private async supervise(): Promise<void> {
    for (let tries = 1; !this.isClosing(); tries += 1)
      try {
        const joined = () => {
          tries = 0;
          this.place.resolve();
        };
        await this.membership.stay({ closing: this.closing.signal, joined, caughtUp: this.caught.resolve });
      } catch (error) {
        if (this.isClosing()) break;
        if (error instanceof HandlerFailed || this.membership.isFatal(error)) {
          this.giveUp(error instanceof HandlerFailed ? error.cause : error);
          return;
        }
        await this.rest(Math.max(1, tries), error);
      }
    this.place.reject(new PlatformError('SHUTTING_DOWN'));
    this.ended.resolve();
  }

  private giveUp(reason: unknown): void {
    this.place.reject(reason);
    this.ended.reject(reason);
  }

  private async rest(tries: number, error: unknown): Promise<void> {
    const { topic, group } = this.spec;
    const waitMs = backoffMs({ ...environmentRetry, maxMs: 5_000 }, tries);
    this.logger.warn(`A subscription waits for ${this.membership.bus}.`, { topic, group, waitMs, error });
    await waitFor(waitMs, this.closing.signal).catch(() => undefined);
  }
}
