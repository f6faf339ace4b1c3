import type { Session } from './session.js';
import { endSilent } from './silent-sessions.js';

/**
 * One member's part of a group. A partition belongs to whoever holds its advisory lock, and a member counts as long as it
 * holds the shared member lock: PostgreSQL lets go of both the moment a killed process's connection closes, so there is no
 * lease to wait for. Each takes its fair share and gives away what is above it. One that stands still loses its session to the others.
 */
export class GroupMember {
  readonly held = new Set<number>();
  private lookedAt = performance.now();

  constructor(
    private readonly session: Session,
    private readonly topic: string,
    private readonly group: string,
    private readonly partitions: number,
    private readonly silentMs: number,
  ) {}

  async join(): Promise<void> {
    await this.session.query('select pg_advisory_lock_shared(hashtextextended($1, 0))', [this.memberLock]);
  }

  /** Takes partitions up to the fair share; answers those held beyond it, to be released when their work pauses. */
  async balance(): Promise<{ surplus: number[] }> {
    const [{ members }] = await this.session.query<{ members: number }>(
      `select count(*)::int as members from pg_locks
       where locktype = 'advisory' and objsubid = 1 and granted
         and database = (select oid from pg_database where datname = current_database())
         and (classid::bigint << 32 | objid::bigint) = hashtextextended($1, 0)`,
      [this.memberLock],
    );
    if (members > 1) await this.endSilentOnes();
    const share = Math.ceil(this.partitions / Math.max(1, members));
    for (let partition = 0; partition < this.partitions && this.held.size < share; partition += 1)
      if (!this.held.has(partition) && (await this.take(partition))) this.held.add(partition);
    return { surplus: [...this.held].slice(share) };
  }

  async release(partition: number): Promise<void> {
    this.held.delete(partition);
    await this.session.query('select pg_advisory_unlock(hashtextextended($1, 0))', [this.partitionLock(partition)]);
  }

  /** Looked at now and then only: it goes through all locks of the server. */
  private async endSilentOnes(): Promise<void> {
    if (performance.now() - this.lookedAt < this.silentMs / 5) return;
    this.lookedAt = performance.now();
    await endSilent(this.session, this.memberLock, this.silentMs);
  }

  private async take(partition: number): Promise<boolean> {
    const [{ mine }] = await this.session.query<{ mine: boolean }>(
      'select pg_try_advisory_lock(hashtextextended($1, 0)) as mine',
      [this.partitionLock(partition)],
    );
    return mine;
  }

  private get memberLock(): string {
    return JSON.stringify(['baton/bus/member', this.topic, this.group]);
  }

  private partitionLock(partition: number): string {
    return JSON.stringify(['baton/bus/partition', this.topic, this.group, partition]);
  }
}
