import type pg from 'pg';

/** Tombstones stay for a day after they were written, so that a slow reader sees them before they are compacted away. */
const TOMBSTONES_STAY = '1 day';

/** Each start of a predictor is a group of its own; those that nobody has been for this long are forgotten. */
const GROUPS_STAY = '30 days';

/**
 * Applies what the topics table says: old records of `delete` topics go, and of `compact` topics all but the newest of each
 * key. Runs under a lock that is tried, not waited for: one sweeper at a time is enough.
 */
export const sweepLog = async (pool: pg.Pool): Promise<void> => {
  const client = await pool.connect();
  try {
    await client.query('begin');
    const { rows } = await client.query<{ mine: boolean }>(
      `select pg_try_advisory_xact_lock(hashtextextended('baton/bus/sweep', 0)) as mine`,
    );
    if (rows[0].mine) {
      await client.query(
        `delete from bus.log l using bus.topics t
         where l.topic = t.name and t.cleanup in ('delete', 'compact,delete') and t.retention_ms >= 0
           and l.created_at < now() - t.retention_ms * interval '1 millisecond'`,
      );
      await client.query(
        `delete from bus.log l using bus.topics t
         where l.topic = t.name and t.cleanup in ('compact', 'compact,delete') and l.key is not null and (
           exists (select 1 from bus.log newer where newer.topic = l.topic and newer.partition = l.partition
                     and newer.key = l.key and newer."offset" > l."offset")
           or (l.value is null and l.created_at < now() - interval '${TOMBSTONES_STAY}'))`,
      );
      await client.query(`delete from bus.group_offsets where updated_at < now() - interval '${GROUPS_STAY}'`);
    }
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  } finally {
    client.release();
  }
};
