import type { Session } from './session.js';
import { endSilent } from './silent-sessions.js';

/** Takes the lock of an outbox: true when it is ours. A leader that stands still loses it to the next who asks. */
export const takeLead = async (session: Session, table: string, silentMs: number): Promise<boolean> => {
  const lock = `baton/outbox/${table}`;
  const [{ mine }] = await session.query<{ mine: boolean }>(
    'select pg_try_advisory_lock(hashtextextended($1, 0)) as mine',
    [lock],
  );
  if (!mine) await endSilent(session, lock, silentMs);
  return mine;
};
