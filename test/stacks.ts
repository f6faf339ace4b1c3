import { rm, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { freshDatabase, services, uniqueName } from '#testing';

/** `embedded`: the Postgres bus and files; `real`: Kafka, PostgreSQL and S3. */
export type StackName = 'embedded' | 'real';

/** The stacks that this run's services allow, for `describe.each`; what is missing is counted as skipped. */
export const stacks: { stack: StackName; missing: boolean }[] = [
  { stack: 'embedded', missing: services().postgres === undefined },
  {
    stack: 'real',
    missing: services().postgres === undefined || services().kafka === undefined || services().s3 === undefined,
  },
];

/** What the apps of one test are given: nothing in it is shared with another test. */
export interface StackServices {
  databaseUrl: string;
  environment: Record<string, string>;
  close: () => Promise<void>;
}

export const openStack = async (stack: StackName): Promise<StackServices> => {
  const { kafka = [], s3 } = services();
  const unlock = stack === 'real' ? await lockKafka() : () => Promise.resolve();
  const [database, folder] = await Promise.all([freshDatabase(), mkdtemp(join(tmpdir(), 'baton-e2e-'))]);
  return {
    databaseUrl: database.url,
    environment: {
      ARTIFACTS_DIR: join(folder, 'artifacts'),
      PREDICTOR_CACHE_DIR: join(folder, 'predictor'),
      ...(stack === 'real' &&
        s3 !== undefined && {
          KAFKA_BROKERS: kafka.join(','),
          S3_ENDPOINT: s3.endpoint,
          S3_ACCESS_KEY: s3.accessKey,
          S3_SECRET_KEY: s3.secretKey,
          S3_BUCKET: s3.bucket,
          S3_REGION: s3.region,
          S3_PREFIX: uniqueName('e2e'),
        }),
    },
    close: async () => {
      await database.drop();
      await rm(folder, { recursive: true, force: true });
      await unlock();
    },
  };
};

const LOCK = 724_001;

/**
 * Topics and consumer groups on Kafka have fixed names: two platforms at a time would take each other's records. One after
 * the other they do no harm, since models have names of their own and each app goes on where its group left off.
 */
const lockKafka = async (): Promise<() => Promise<void>> => {
  const client = new pg.Client({ connectionString: services().postgres });
  await client.connect();
  await client.query('select pg_advisory_lock($1)', [LOCK]);
  return () => client.end();
};
