import type { RawRecord } from '#contracts';
import type { Logger } from '#runtime';
import type { SubscriptionSpec } from '../event-bus.js';
import { waitFor } from '../retry-policy.js';
import { Membership, type Stay } from '../supervised-subscription.js';
import { ensureBusSchema } from './bus-schema.js';
import { GroupSession } from './group-session.js';
import { Session } from './session.js';

interface MembershipOptions {
  connectionString: string;
  logger: Logger;
  pollMs: number;
  silentMs: number;
}

/** A topic that is missing is told again after so many looks. */
const LOOKS_PER_LINE = 30;

/** One member of a group after the other, each with a session of its own. */
export class PostgresMembership extends Membership {
  readonly bus = 'the Postgres log';
  /** Where each partition ended when this subscription began; survives reconnects. */
  private targets: Map<number, bigint> | undefined;

  constructor(
    private readonly spec: SubscriptionSpec,
    private readonly options: MembershipOptions,
  ) {
    super();
  }

  /** A database that is away, or being set up anew, comes back. */
  isFatal(): boolean {
    return false;
  }

  /** One session: from connecting to losing the connection or closing. */
  async stay({ closing, joined, caughtUp }: Stay): Promise<void> {
    const { topic, group } = this.spec;
    const name = `baton-bus ${group}`.slice(0, 60);
    const session = await Session.open(this.options.connectionString, name, closing);
    try {
      await session.with(ensureBusSchema);
      const ends = await this.waitForTopic(session, closing);
      await this.fixPlace(session, ends);
      this.targets ??= ends;
      joined();
      await new GroupSession(session, {
        topic,
        group,
        partitions: ends.size,
        pollMs: this.options.pollMs,
        silentMs: this.options.silentMs,
        handler: (record: RawRecord, heartbeat, signal) => this.spec.handler(record, heartbeat, signal),
        targets: this.targets,
        caughtUp,
        closing,
      }).run();
    } finally {
      await session.close();
    }
  }

  private async waitForTopic(session: Session, closing: AbortSignal): Promise<Map<number, bigint>> {
    for (let looks = 0; ; looks += 1) {
      const rows = await session.query<{ partition: number; next_offset: string }>(
        'select partition, next_offset from bus.partitions where topic = $1 order by partition',
        [this.spec.topic],
      );
      if (rows.length > 0) return new Map(rows.map((row) => [row.partition, BigInt(row.next_offset)]));
      if (looks % LOOKS_PER_LINE === 0)
        this.options.logger.warn('A subscription waits until its topic is made.', { topic: this.spec.topic });
      await waitFor(this.options.pollMs, closing);
    }
  }

  /** A group's first member writes down where it begins, so that a crash before the first commit changes nothing. */
  private async fixPlace(session: Session, ends: Map<number, bigint>): Promise<void> {
    const { topic, group, from } = this.spec;
    await session.query(
      `insert into bus.group_offsets (topic, consumer_group, partition, next_offset)
       select $1, $2, * from unnest($3::int[], $4::bigint[])
       on conflict (topic, consumer_group, partition) do update set updated_at = now()`,
      [topic, group, [...ends.keys()], [...ends.values()].map((end) => (from === 'start' ? '0' : String(end)))],
    );
  }
}
