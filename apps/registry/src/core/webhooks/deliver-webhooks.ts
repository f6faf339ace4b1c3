import { messageOf, PlatformError, type Clock, type Logger } from '#runtime';
import { afterAttempt, type Sent } from './delivery-schedule.js';
import { deliveryHeaders } from './sign-delivery.js';
import type { TakenDelivery, WebhookDeliveries } from './webhook-deliveries.js';
import type { WebhookSecrets } from './webhook-secrets.js';
import type { WebhookSender } from './webhook-sender.js';

/** A slow receiver keeps this many of ours waiting and no more. */
const PER_WEBHOOK = 4;
const IN_ALL = 128;
/** What is on its way when we are told to stop may come to its end within this. */
const FAREWELL_MS = 3_000;

export interface DeliveryTimes {
  /** How often due deliveries are looked for unprompted. */
  pollMs: number;
  /** The wait before the second attempt. */
  firstWaitMs: number;
  /** Called between sending and noting it: where tests of crashes kill the process. */
  onSent: () => void;
}

/**
 * Sends what the outbox of webhooks holds. Every registry does: each takes rows that no other has. Between sending and
 * noting it a crash may come; then the same delivery is sent again, under the same id.
 */
export class DeliverWebhooks {
  private readonly stopping = new AbortController();
  private readonly busy = new Map<string, number>();
  private readonly onTheirWay = new Set<Promise<void>>();
  private wake: () => void = () => undefined;
  private nudged = false;
  private running: Promise<void> | undefined;

  constructor(
    private readonly deliveries: WebhookDeliveries,
    private readonly secrets: WebhookSecrets,
    private readonly sender: WebhookSender,
    private readonly clock: Clock,
    private readonly logger: Logger,
    private readonly times: DeliveryTimes,
  ) {}

  start(): void {
    this.running ??= this.follow();
  }

  /** Looks at once: after a commit that wrote deliveries, or when a place became free. */
  nudge(): void {
    this.nudged = true;
    this.wake();
  }

  async stop(): Promise<void> {
    const ended = Promise.all(this.onTheirWay);
    const timer = setTimeout(() => {
      this.stopping.abort();
    }, FAREWELL_MS);
    this.ending = true;
    this.wake();
    await ended;
    clearTimeout(timer);
    this.stopping.abort();
    await this.running;
    await Promise.all(this.onTheirWay);
  }

  private ending = false;

  private async follow(): Promise<void> {
    while (!this.isEnding()) {
      this.nudged = false;
      const taken = await this.take();
      for (const delivery of taken) this.begin(delivery);
      // What was taken may be followed by more of the same; otherwise wait to be told, or for the next look.
      if (taken.length === 0) await this.pause();
    }
  }

  private isEnding(): boolean {
    return this.ending;
  }

  private async take(): Promise<TakenDelivery[]> {
    try {
      const inAll = IN_ALL - this.onTheirWay.size;
      return inAll <= 0 ? [] : await this.deliveries.take({ perWebhook: PER_WEBHOOK, inAll, busy: this.busy });
    } catch (error) {
      this.logger.debug(`Webhooks wait: ${messageOf(error)}`);
      return [];
    }
  }

  private begin(delivery: TakenDelivery): void {
    const { webhookId } = delivery;
    this.busy.set(webhookId, (this.busy.get(webhookId) ?? 0) + 1);
    const work = this.attempt(delivery)
      // Not noted: it is due again when its time is over.
      .catch((error: unknown) => {
        this.logger.warn('What came of a webhook delivery could not be noted.', { delivery: delivery.id, error });
      })
      .finally(() => {
        this.onTheirWay.delete(work);
        const left = (this.busy.get(webhookId) ?? 1) - 1;
        if (left === 0) this.busy.delete(webhookId);
        else this.busy.set(webhookId, left);
        this.nudge();
      });
    this.onTheirWay.add(work);
  }

  private async attempt(delivery: TakenDelivery): Promise<void> {
    const sent = await this.send(delivery);
    if (sent === undefined) {
      await this.deliveries.release(delivery);
      return;
    }
    this.times.onSent();
    const { attempt, remainingMs } = delivery;
    const { firstWaitMs } = this.times;
    const after = afterAttempt(sent, { attempt, remainingMs, firstWaitMs, random: Math.random() });
    if (after.state === 'failed')
      this.logger.warn('A webhook delivery was given up.', { delivery: delivery.id, reason: after.error });
    await this.deliveries.settle(delivery, after);
  }

  private async send({ id, webhookId, url, body, sealedSecret }: TakenDelivery): Promise<Sent | undefined> {
    let secret: string | null;
    try {
      secret = sealedSecret === null ? null : this.secrets.open(webhookId, sealedSecret);
    } catch (error) {
      // Unsigned it must not go; the settings can be mended, so it is tried again.
      if (error instanceof PlatformError) return { fault: error.detail, lasting: false };
      throw error;
    }
    const headers = deliveryHeaders(id, body, secret, this.clock.now());
    return this.sender.send({ url, headers, body, signal: this.stopping.signal });
  }

  private async pause(): Promise<void> {
    if (this.nudged || this.isEnding()) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, this.times.pollMs);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.wake = () => undefined;
  }
}
