import type { Session } from './session.js';

/**
 * Ends the sessions that hold an advisory lock and lay idle for `silentMs`: who holds it stands still, however alive its connection looks
 * (the kernel of a stopped process answers for it). The lock is there for the next who asks.
 */
export const endSilent = async (session: Session, lock: string, silentMs: number): Promise<void> => {
  await session.query(END_SILENT, [lock, silentMs]);
};

/** An advisory lock by one bigint is listed as its two halves. */
const END_SILENT = `
  select pg_terminate_backend(holder.pid)
  from pg_locks lock join pg_stat_activity holder on holder.pid = lock.pid and holder.datid = lock.database
  where lock.locktype = 'advisory' and lock.granted and lock.objsubid = 1
    and ((lock.classid::bigint << 32) | lock.objid::bigint) = hashtextextended($1, 0)
    and holder.datname = current_database()
    and holder.state = 'idle' and holder.state_change < now() - $2::int * interval '1 millisecond'`;
