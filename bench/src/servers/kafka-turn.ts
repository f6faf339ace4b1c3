import pg from 'pg';

/** The same number as in test/stacks.ts. */
const LOCK = 724_001;

/** Topics and groups on Kafka have fixed names: whoever runs a whole platform on it waits for the one before. */
export const takeKafkaTurn = async (postgres: string): Promise<() => Promise<void>> => {
  const client = new pg.Client({ connectionString: postgres });
  await client.connect();
  await client.query('select pg_advisory_lock($1)', [LOCK]);
  return () => client.end();
};
