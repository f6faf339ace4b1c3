import { cpus, loadavg, totalmem } from 'node:os';
import { runSql } from './servers/databases.js';

/** Without it a figure says nothing. */
export interface Machine {
  cpu: string;
  cores: number;
  memoryGb: number;
  node: string;
  postgres: string;
  /** Off on throw-away servers: writes of both sides are then faster than they would be. */
  fsync: string;
  mlflow?: string;
  date: string;
}

export const describeMachine = async (postgres: string, mlflow: string | undefined): Promise<Machine> => {
  const [{ version, fsync }] = await runSql(
    postgres,
    `select current_setting('server_version') version, current_setting('fsync') fsync`,
  );
  return {
    cpu: cpus()[0].model.trim(),
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 1024 ** 3),
    node: process.version,
    postgres: String(version),
    fsync: String(fsync),
    mlflow,
    date: new Date().toISOString().slice(0, 10),
  };
};

export const loadAverage = (): number => loadavg()[0];
