import type { Session } from './session.js';

/**
 * Takes the lock of an outbox: true when it is ours. A leader whose session lay idle for `silentMs` stands still, however
 * alive its connection looks (the kernel of a stopped process answers for it): its session is ended, and the lock is there
 * for the next who asks.
 */
export const takeLead = async (session: Session, table: string, silentMs: number): Promise<boolean> => {
  const lock = `baton/outbox/${table}`;
  const [{ mine }] = await session.query<{ mine: boolean }>(
    'select pg_try_advisory_lock(hashtextextended($1, 0)) as mine',
    [lock],
  );
  if (!mine) await session.query(END_SILENT, [lock, silentMs]);
  return mine;
};

/** An advisory lock by one bigint is listed as its two halves. */
const END_SILENT = `
  select pg_terminate_backend(leader.pid)
  from pg_locks lock join pg_stat_activity leader on leader.pid = lock.pid and leader.datid = lock.database
  where lock.locktype = 'advisory' and lock.granted and lock.objsubid = 1
    and ((lock.classid::bigint << 32) | lock.objid::bigint) = hashtextextended($1, 0)
    and leader.datname = current_database()
    and leader.state = 'idle' and leader.state_change < now() - $2::int * interval '1 millisecond'`;
