import type { WebhookDeliveryView, WebhookEvent } from '#contracts';
import { PlatformError } from '#runtime';
import { pageOf, type Page, type PageRequest } from '../../core/paging.js';
import { RETRY_FOR_MS, type AfterAttempt } from '../../core/webhooks/delivery-schedule.js';
import { WebhookDeliveries, type TakenDelivery } from '../../core/webhooks/webhook-deliveries.js';
import type { RegistryDatabase } from './registry-database.js';

/** Longer than an attempt lasts at most: until then what was taken is nobody else's. */
const TAKEN_FOR_MS = 60_000;

const columns = `id, webhook_id as "webhookId", event, body, state, attempts, created_at as "createdAt",
  last_attempt_at as "lastAttemptAt", next_attempt_at as "nextAttemptAt", response_status as "responseStatus", error`;

type Row = Omit<WebhookDeliveryView, 'createdAt' | 'lastAttemptAt' | 'nextAttemptAt'> & {
  createdAt: Date;
  lastAttemptAt: Date | null;
  nextAttemptAt: Date;
};

export class PostgresWebhookDeliveries extends WebhookDeliveries {
  constructor(
    private readonly database: RegistryDatabase,
    /** Called after the commit: wakes the deliverer of this process. */
    private readonly nudge: () => void,
  ) {
    super();
  }

  async anyoneFor(events: readonly WebhookEvent[]): Promise<boolean> {
    const [{ found }] = await this.database.query<{ found: boolean }[]>(
      `select exists (select 1 from registry.webhooks where status = 'ACTIVE' and events && $1::text[]) as found`,
      [events],
    );
    return found;
  }

  async add(event: WebhookEvent, body: string): Promise<void> {
    await this.database.query(
      `insert into registry.webhook_deliveries (webhook_id, event, body, retry_until)
       select id, $1, $2, now() + $3 * interval '1 millisecond' from registry.webhooks
       where status = 'ACTIVE' and $1 = any(events)`,
      [event, body, RETRY_FOR_MS],
    );
    this.database.afterCommit(this.nudge);
  }

  async take({
    perWebhook,
    inAll,
    busy,
  }: {
    perWebhook: number;
    inAll: number;
    busy: ReadonlyMap<string, number>;
  }): Promise<TakenDelivery[]> {
    const [rows] = await this.database.query<[TakenDelivery[], number]>(
      `update registry.webhook_deliveries d
       set attempts = d.attempts + 1, last_attempt_at = now(), next_attempt_at = now() + $5 * interval '1 millisecond'
       from (
         select due.id, w.url, w.sealed_secret
         from registry.webhooks w
         left join unnest($3::uuid[], $4::integer[]) as busy (webhook_id, count) on busy.webhook_id = w.id
         cross join lateral (
           select p.id from registry.webhook_deliveries p
           where p.webhook_id = w.id and p.state = 'pending' and p.next_attempt_at <= now()
           order by p.next_attempt_at, p.position
           limit greatest(0, $1 - coalesce(busy.count, 0))
           for update skip locked
         ) due
         where w.status = 'ACTIVE'
         limit $2
       ) taken
       where d.id = taken.id
       returning d.id, d.webhook_id as "webhookId", d.event, d.body, taken.url, taken.sealed_secret as "sealedSecret",
         d.attempts as attempt, (extract(epoch from d.retry_until - now()) * 1000)::double precision as "remainingMs"`,
      [perWebhook, inAll, [...busy.keys()], [...busy.values()], TAKEN_FOR_MS],
    );
    return rows;
  }

  /** An attempt that took so long that another took over is not noted: the other's word counts. */
  async settle({ id, attempt }: TakenDelivery, after: AfterAttempt): Promise<void> {
    await this.database.query(
      `update registry.webhook_deliveries
       set state = $3, response_status = $4, error = $5, next_attempt_at = now() + $6 * interval '1 millisecond'
       where id = $1 and attempts = $2 and state = 'pending'`,
      [
        id,
        attempt,
        after.state,
        after.responseStatus,
        after.state === 'delivered' ? null : after.error,
        after.state === 'pending' ? after.waitMs : 0,
      ],
    );
  }

  async release({ id, attempt }: TakenDelivery): Promise<void> {
    await this.database.query(
      `update registry.webhook_deliveries set attempts = attempts - 1, next_attempt_at = now()
       where id = $1 and attempts = $2 and state = 'pending'`,
      [id, attempt],
    );
  }

  async log(webhookId: string, page: PageRequest): Promise<Page<WebhookDeliveryView>> {
    const rows = await this.database.query<Row[]>(
      `select ${columns} from registry.webhook_deliveries where webhook_id = $1
       order by position desc limit $2 offset $3`,
      [webhookId, page.limit + 1, page.offset],
    );
    return pageOf(rows.map(viewOf), page);
  }

  async redeliver(id: string): Promise<WebhookDeliveryView> {
    const [[row]] = await this.database.query<[Row[], number]>(
      `update registry.webhook_deliveries
       set state = 'pending', next_attempt_at = now(), retry_until = now() + $2 * interval '1 millisecond'
       where id::text = lower($1) returning ${columns}`,
      [id, RETRY_FOR_MS],
    );
    if ((row as Row | undefined) === undefined)
      throw new PlatformError(
        'NOT_FOUND',
        `There is no webhook delivery ${id}: it may be older than the log goes back.`,
      );
    this.database.afterCommit(this.nudge);
    return viewOf(row);
  }

  async prune(maxAgeMs: number): Promise<number> {
    const [, count] = await this.database.query<[unknown, number]>(
      `delete from registry.webhook_deliveries
       where created_at < now() - $1 * interval '1 millisecond' and (state <> 'pending' or retry_until < now())`,
      [maxAgeMs],
    );
    return count;
  }
}

const viewOf = ({ createdAt, lastAttemptAt, nextAttemptAt, ...row }: Row): WebhookDeliveryView => ({
  ...row,
  createdAt: createdAt.toISOString(),
  lastAttemptAt: lastAttemptAt?.toISOString() ?? null,
  nextAttemptAt: row.state === 'pending' ? nextAttemptAt.toISOString() : null,
});
