import { services, type S3Service } from '#testing';
import { announce, runEnvironment, startNatively, type ServiceName } from '#testing/native';

/** Where the services are that a run needs. */
export interface BenchServices {
  postgres: string;
  kafka?: string;
  s3?: S3Service;
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
  const { postgres, kafka, s3 } = services();
  if (postgres === undefined) throw new Error('There is no PostgreSQL.');
  return {
    postgres,
    kafka: kafka?.join(','),
    s3,
    stop: async () => {
      await native?.stop();
    },
  };
};
