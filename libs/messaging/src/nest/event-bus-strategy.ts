import { Server, type CustomTransportStrategy, type MessageHandler } from '@nestjs/microservices';
import { isObservable, lastValueFrom } from 'rxjs';
import type { CloudEvent, ConsumerName } from '#contracts';
import { messageOf, PlatformError, SystemClock, type Clock, type Logger } from '#runtime';
import { deferred, type Deferred } from '../deferred.js';
import type { EventBus } from '../event-bus.js';
import { handleRecord, type EventContext } from '../handle-record.js';
import type { RetryPolicy } from '../retry-policy.js';
import { EventBusContext } from './event-context.js';

export interface EventBusStrategyOptions {
  /** Or a way to get it once the container is there: `() => app.get(EventBus)`. */
  bus: EventBus | (() => EventBus);
  /** Whose dead letters they are. */
  consumer: ConsumerName;
  group: string;
  from: 'start' | 'end';
  logger: Logger;
  clock?: Clock;
  retry?: RetryPolicy;
  /** The wait between two looks at an unanswering environment. */
  environment?: RetryPolicy;
  /** Called when a subscription stopped for good; ends the process with 1 unless a test says otherwise. */
  exit?: (code: number) => void;
}

/**
 * Plugs the bus into Nest: each `@EventPattern<string>('topic')` method becomes one subscription behind the shell of
 * `handleRecord`. `listen` does not wait for the bus, so that HTTP is live while it is still away.
 */
export class EventBusStrategy extends Server implements CustomTransportStrategy {
  override readonly propagatesEventHandlerErrors = true;
  private readonly closing = new AbortController();
  private readonly started: Promise<void>[] = [];
  private readonly caught = new Map<string, Deferred>();
  private closeSubscriptions: (() => Promise<void>)[] = [];

  constructor(private readonly options: EventBusStrategyOptions) {
    super();
  }

  listen(callback: (error?: unknown) => void): void {
    let bus: EventBus;
    try {
      bus = typeof this.options.bus === 'function' ? this.options.bus() : this.options.bus;
    } catch (error) {
      callback(error);
      return;
    }
    for (const [topic, handler] of this.messageHandlers) this.started.push(this.follow(bus, topic, handler));
    callback();
  }

  /** Takes no new record, waits for the running handlers, leaves the group. */
  async close(): Promise<void> {
    this.closing.abort(new PlatformError('SHUTTING_DOWN'));
    await Promise.all(this.started);
    await Promise.all(this.closeSubscriptions.map((close) => close()));
  }

  /** Resolves when what lay in the topic as this process began to follow it has been handled; stays open until then. */
  caughtUp(topic: string): Promise<void> {
    return this.caughtUpOf(topic).promise;
  }

  override on(): never {
    throw new Error('The event bus has no events of its own to listen to.');
  }

  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- Nest's own signature
  override unwrap<T>(): T {
    return this.options.bus as T;
  }

  private async follow(bus: EventBus, topic: string, handler: MessageHandler): Promise<void> {
    const { consumer, group, from, logger, clock = new SystemClock(), retry, environment } = this.options;
    try {
      const subscription = await bus.subscribe({
        topic,
        group,
        from,
        signal: this.closing.signal,
        handler: handleRecord({
          consumer,
          publisher: bus,
          clock,
          logger,
          retry,
          environment,
          handler: (event, context) => this.callHandler(handler, event, context),
        }),
      });
      this.closeSubscriptions.push(() => subscription.close());
      subscription.caughtUp.then(this.caughtUpOf(topic).resolve, () => undefined);
      subscription.stopped.catch((error: unknown) => {
        this.stop(topic, error);
      });
      logger.info('Following a topic.', { topic, group, from });
    } catch (error) {
      if (!(error instanceof PlatformError && error.code === 'SHUTTING_DOWN')) this.stop(topic, error);
    }
  }

  private async callHandler(handler: MessageHandler, event: CloudEvent, context: EventContext): Promise<void> {
    try {
      const result: unknown = await handler(event, new EventBusContext(context));
      if (isObservable(result)) await lastValueFrom(result, { defaultValue: undefined });
    } catch (error) {
      throw error instanceof Error ? error : new Error(lostError(error));
    }
  }

  private stop(topic: string, error: unknown): void {
    const { logger, group, exit = (code: number) => process.exit(code) } = this.options;
    logger.error('A subscription stopped for good; the process ends, so that its supervisor starts it anew.', {
      topic,
      group,
      error,
    });
    exit(1);
  }

  private caughtUpOf(topic: string): Deferred {
    const known = this.caught.get(topic) ?? deferred();
    this.caught.set(topic, known);
    return known;
  }
}

/** Nest's default filter turns every error into `{status, message}`; without the filter that `startHttpApp` sets, its code is lost. */
const lostError = (thrown: unknown): string =>
  typeof thrown === 'object' && thrown !== null && 'message' in thrown
    ? `${String(thrown.message)} (the original error was lost: connect the strategy by startHttpApp)`
    : messageOf(thrown);
