import pg from 'pg';

/** Runs one statement on a connection of its own; the whole run's databases are ours, so nobody waits for it. */
export const runSql = async (url: string, sql: string): Promise<Record<string, unknown>[]> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const result = await client.query<Record<string, unknown>>(sql);
    return result.rows;
  } finally {
    await client.end();
  }
};

export interface BenchDatabase {
  url: string;
  drop: () => Promise<void>;
}

/** An empty database beside that of `server`, under a name that no other run has. */
export const createDatabase = async (server: string, purpose: string): Promise<BenchDatabase> => {
  const name = `bench_${purpose}_${Date.now().toString(36)}_${String(process.pid)}`;
  await runSql(server, `create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    drop: async () => {
      await runSql(server, `drop database if exists ${name} with (force)`);
    },
  };
};

/** Ends what a client gave up waiting for: the next measurement must not share the machine with it. */
export const endQueries = (database: string): Promise<unknown> =>
  runSql(
    database,
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and state = 'active' and pid <> pg_backend_pid()`,
  );
