import type { RecordHandler } from '../event-bus.js';
import { BUS_CHANNEL } from './bus-schema.js';
import { GroupMember } from './group-member.js';
import { LOG_COLUMNS, recordOf, type LogRow } from './log-record.js';
import { HandlerFailed } from '../supervised-subscription.js';
import type { Session } from './session.js';

interface GroupSessionOptions {
  topic: string;
  group: string;
  partitions: number;
  pollMs: number;
  /** Another member that says nothing for this long stands still. */
  silentMs: number;
  handler: RecordHandler;
  targets: Map<number, bigint>;
  caughtUp: () => void;
  closing: AbortSignal;
}

const FETCH = 100;

/** How often a member says that its group is alive; the janitor forgets groups unheard for long. */
const ALIVE_MS = 3_600_000;

/** Works on the partitions a member holds, one record at a time each, until it is closed or the session is lost. */
export class GroupSession {
  private readonly member: GroupMember;
  private readonly positions = new Map<number, bigint>();
  private readonly draining = new Map<number, Promise<void>>();
  private readonly giveAway = new Set<number>();
  private readonly failure = new AbortController();
  private readonly ending: AbortSignal;
  private isCaughtUp = false;
  private saidAliveAt = performance.now();
  private woken = false;
  private wake: () => void = () => undefined;

  constructor(
    private readonly session: Session,
    private readonly options: GroupSessionOptions,
  ) {
    this.member = new GroupMember(session, options.topic, options.group, options.partitions, options.silentMs);
    this.ending = AbortSignal.any([options.closing, session.lost, this.failure.signal]);
  }

  /** @throws HandlerFailed, or what lost the session. Resolves when it was closed. */
  async run(): Promise<void> {
    const { topic } = this.options;
    const rouse = () => {
      this.woken = true;
      this.wake();
    };
    this.ending.addEventListener('abort', rouse);
    this.session.onNotification((said) => {
      if (said === topic) rouse();
    });
    try {
      await this.session.query(`listen ${BUS_CHANNEL}`);
      await this.member.join();
      await this.tellPeers();
      while (!this.ending.aborted) {
        this.woken = false;
        await this.tick();
        await this.pause();
      }
    } finally {
      if (!this.ending.aborted) this.failure.abort();
      await Promise.all(this.draining.values());
    }
    if (this.failure.signal.aborted) throw this.failure.signal.reason;
    this.session.lost.throwIfAborted();
    await this.leave();
  }

  private async tick(): Promise<void> {
    const { surplus } = await this.member.balance();
    // Anew at each look: a share that has grown again is kept.
    this.giveAway.clear();
    for (const partition of surplus) {
      this.giveAway.add(partition);
      if (!this.draining.has(partition)) await this.release(partition);
    }
    const held = [...this.member.held].filter((partition) => !this.giveAway.has(partition));
    if (held.length > 0) await this.startDrains(held);
    if (!this.isCaughtUp) await this.checkCaughtUp();
    if (performance.now() - this.saidAliveAt > ALIVE_MS) await this.sayAlive();
  }

  private async startDrains(held: number[]): Promise<void> {
    const { topic, group } = this.options;
    const rows = await this.session.query<{ partition: number; end: string; committed: string }>(
      `select p.partition, p.next_offset as end, o.next_offset as committed
       from bus.partitions p join bus.group_offsets o on o.topic = p.topic and o.partition = p.partition
       where p.topic = $1 and o.consumer_group = $2 and p.partition = any($3)`,
      [topic, group, held],
    );
    for (const { partition, end, committed } of rows) {
      const position = this.positions.get(partition) ?? BigInt(committed);
      if (this.draining.has(partition) || position >= BigInt(end)) continue;
      this.positions.set(partition, position);
      const drain = this.drain(partition, BigInt(end)).finally(() => {
        this.draining.delete(partition);
        this.woken = true;
        this.wake();
      });
      this.draining.set(partition, drain);
    }
  }

  /** Handles what lies before `end`. Never rejects: a loss shows in the session, a failing handler in `failure`. */
  private async drain(partition: number, end: bigint): Promise<void> {
    try {
      for (;;) {
        const position = this.positions.get(partition) ?? 0n;
        const rows = await this.session.query<LogRow>(
          `select ${LOG_COLUMNS} from bus.log
           where topic = $1 and partition = $2 and "offset" >= $3 and "offset" < $4 order by "offset" limit ${String(FETCH)}`,
          [this.options.topic, partition, String(position), String(end)],
        );
        for (const row of rows) {
          if (this.ending.aborted || this.giveAway.has(partition)) return;
          await this.handle(row);
          await this.commit(partition, BigInt(row.offset) + 1n);
        }
        if (rows.length === FETCH) continue;
        // What retention or compaction took from the tail is passed over: the position moves all the same.
        if ((this.positions.get(partition) ?? 0n) < end) await this.commit(partition, end);
        return;
      }
    } catch (error) {
      if (!this.ending.aborted) this.failure.abort(error);
    }
  }

  private async handle(row: LogRow): Promise<void> {
    try {
      await this.options.handler(recordOf(row), () => Promise.resolve(), this.ending);
    } catch (error) {
      throw this.ending.aborted ? error : new HandlerFailed(error);
    }
  }

  private async commit(partition: number, next: bigint): Promise<void> {
    await this.session.query(
      `update bus.group_offsets set next_offset = greatest(next_offset, $4), updated_at = now()
       where topic = $1 and consumer_group = $2 and partition = $3`,
      [this.options.topic, this.options.group, partition, String(next)],
    );
    this.positions.set(partition, next);
  }

  private async release(partition: number): Promise<void> {
    this.giveAway.delete(partition);
    this.positions.delete(partition);
    await this.member.release(partition);
    await this.tellPeers();
  }

  /** Asked of the table, because other members of the group may have done a part of the work. */
  private async checkCaughtUp(): Promise<void> {
    const { topic, group, targets } = this.options;
    const rows = await this.session.query<{ partition: number; next_offset: string }>(
      'select partition, next_offset from bus.group_offsets where topic = $1 and consumer_group = $2',
      [topic, group],
    );
    const reached = new Map(rows.map((row) => [row.partition, BigInt(row.next_offset)]));
    this.isCaughtUp = [...targets].every(([partition, end]) => (reached.get(partition) ?? 0n) >= end);
    if (this.isCaughtUp) this.options.caughtUp();
  }

  private async sayAlive(): Promise<void> {
    const { topic, group } = this.options;
    await this.session.query(
      'update bus.group_offsets set updated_at = now() where topic = $1 and consumer_group = $2',
      [topic, group],
    );
    this.saidAliveAt = performance.now();
  }

  /** A member that comes or goes changes everyone's share. */
  private async tellPeers(): Promise<void> {
    await this.session.query('select pg_notify($1, $2)', [BUS_CHANNEL, this.options.topic]);
  }

  private async leave(): Promise<void> {
    for (const partition of [...this.member.held]) await this.member.release(partition);
    await this.tellPeers();
  }

  private async pause(): Promise<void> {
    if (this.woken) return;
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
