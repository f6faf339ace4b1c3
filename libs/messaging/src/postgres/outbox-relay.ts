import type { OutgoingRecord } from '#contracts';
import { crashPoint, messageOf, PlatformError, type Logger } from '#runtime';
import type { EventPublisher } from '../event-publisher.js';
import { FAREWELL_MS, within } from '../farewell.js';
import { backoffMs, environmentRetry, waitFor } from '../retry-policy.js';
import { checkedName, recordOfOutbox, type OutboxRow } from './outbox.js';
import { takeLead } from './outbox-lead.js';
import { Session } from './session.js';

export interface OutboxRelayOptions {
  connectionString: string;
  /** `schema.table`, as `outboxDdl` makes it. */
  table: string;
  publisher: EventPublisher;
  /** How often the outbox is looked at unprompted. */
  pollMs: number;
  logger: Logger;
  /** Told after a row was published and marked. */
  onPublished?: (record: OutgoingRecord) => void;
  /** A leader that says nothing to the database for this long loses its lead. */
  silentMs?: number;
  /** `CRASH_AT`; the point is `outbox-relay:published`, between publishing and marking. */
  crashAt?: string;
}

/** `notify baton_outbox, '<schema.table>'` in the inserting transaction wakes the relay wherever it runs; a hint, not a need. */
export const OUTBOX_CHANNEL = 'baton_outbox';

const BATCH = 100;
/** A leader beats five times in this; a process that was stopped, or a machine that is gone without a word, does not. */
const SILENT_MS = 15_000;

/**
 * Puts an outbox on the bus: unpublished rows in order of position, one at a time, each marked after the bus has it — so
 * a crash says a row twice (same event id), never not at all. Relays of several processes are safe: an advisory lock makes
 * one of them the leader; one that stands still loses its session to the others, and with it the lock. A row the bus refuses holds up those behind it, and is logged until it is mended.
 */
export class OutboxRelay {
  private readonly stopping = new AbortController();
  private running: Promise<void> | undefined;
  private nudged = false;
  private wake: () => void = () => undefined;
  private readonly table: string;

  constructor(private readonly options: OutboxRelayOptions) {
    this.table = checkedName(options.table);
  }

  start(): void {
    this.running ??= this.supervise();
  }

  /** Looks at once; call it after a commit that wrote to the outbox. */
  nudge(): void {
    this.nudged = true;
    this.wake();
  }

  /** Waits for the row that is on its way, but not for a bus that hangs: unmarked, the row is said again. */
  async stop(): Promise<void> {
    this.stopping.abort(new PlatformError('SHUTTING_DOWN'));
    this.wake();
    await within(FAREWELL_MS, this.running ?? Promise.resolve());
  }

  private isStopping(): boolean {
    return this.stopping.signal.aborted;
  }

  private async supervise(): Promise<void> {
    const { logger } = this.options;
    for (let tries = 1; !this.isStopping(); tries += 1)
      try {
        await this.lead(() => {
          tries = 0;
        });
      } catch (error) {
        if (this.isStopping()) return;
        const waitMs = backoffMs({ ...environmentRetry, maxMs: 5_000 }, Math.max(1, tries));
        logger.error('An outbox waits.', { table: this.table, waitMs, error });
        await waitFor(waitMs, this.stopping.signal).catch(() => undefined);
      }
  }

  /** Until stopped; the lock goes with the session, so a leader that dies is followed by another at its next look. */
  private async lead(progressed: () => void): Promise<void> {
    const { connectionString, silentMs = SILENT_MS } = this.options;
    const session = await Session.open(connectionString, 'baton-outbox');
    let beat: NodeJS.Timeout | undefined;
    try {
      session.onNotification((table) => {
        if (table === this.table) this.nudge();
      });
      await session.query(`listen ${OUTBOX_CHANNEL}`);
      session.lost.addEventListener('abort', () => {
        this.wake();
      });
      while (!(await takeLead(session, this.table, silentMs))) {
        progressed();
        await waitFor(this.options.pollMs, AbortSignal.any([this.stopping.signal, session.lost]));
      }
      // Also while a bus that is slow keeps us waiting: that is no reason to change the leader.
      beat = setInterval(() => void session.query('select 1').catch(() => undefined), silentMs / 5);
      while (!this.stopping.signal.aborted) {
        this.nudged = false;
        const published = await this.publishBatch(session, progressed);
        progressed();
        if (published < BATCH) await this.pause(session);
      }
    } finally {
      clearInterval(beat);
      await session.close();
    }
  }

  private async publishBatch(session: Session, progressed: () => void): Promise<number> {
    const rows = await session.query<OutboxRow & { position: string }>(
      `select position, id, aggregatetype, aggregateid, type, payload, headers from ${this.table}
       where published_at is null order by position limit ${String(BATCH)}`,
    );
    for (const row of rows) {
      if (this.stopping.signal.aborted) return 0;
      session.lost.throwIfAborted();
      const record = recordOfOutbox(row);
      await this.options.publisher.publishRecord(record);
      crashPoint('outbox-relay:published', this.options.crashAt);
      await session.query(`update ${this.table} set published_at = now() where id = $1`, [row.id]);
      progressed();
      this.tell(record);
    }
    return rows.length;
  }

  /** A listener's fault must not stop the relay. */
  private tell(record: OutgoingRecord): void {
    try {
      this.options.onPublished?.(record);
    } catch (error) {
      this.options.logger.warn('A listener of the outbox failed.', { table: this.table, error: messageOf(error) });
    }
  }

  private async pause(session: Session): Promise<void> {
    if (this.nudged || this.stopping.signal.aborted || session.lost.aborted) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, this.options.pollMs);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.wake = () => undefined;
  }
}
