import { readSettings } from '#runtime';
import { announce, runEnvironment, startNatively, type ServiceName } from '#testing/native';

/** Where the services are that a run needs. */
export interface BenchServices {
  postgres: string;
  kafka?: string;
  s3?: { endpoint: string; accessKey: string; secretKey: string; bucket: string; region: string };
  stop: () => Promise<void>;
}

/** Those named in the environment; the others are started natively and end with the run. */
export const findServices = async (needed: readonly ServiceName[]): Promise<BenchServices> => {
  const { named, cacheDir } = runEnvironment();
  const missing = needed.filter((name) => !named.includes(name));
  const native = missing.length === 0 ? undefined : await startNatively({ cacheDir, names: missing });
  const faults = native?.missing.map(({ name, reason }) => `${name}: ${reason}`) ?? [];
  if (native !== undefined && faults.length > 0) {
    await native.stop();
    throw new Error(`These services could not be started. ${faults.join(' ')}`);
  }
  for (const { environment } of native?.running ?? []) announce(environment);
  const settings = readSettings();
  if (settings.DATABASE_URL === undefined) throw new Error('There is no PostgreSQL.');
  return {
    postgres: settings.DATABASE_URL,
    kafka: settings.KAFKA_BROKERS?.join(','),
    s3:
      settings.S3_ENDPOINT === undefined
        ? undefined
        : {
            endpoint: settings.S3_ENDPOINT,
            accessKey: settings.S3_ACCESS_KEY ?? '',
            secretKey: settings.S3_SECRET_KEY ?? '',
            bucket: settings.S3_BUCKET,
            region: settings.S3_REGION,
          },
    stop: async () => {
      await native?.stop();
    },
  };
};
