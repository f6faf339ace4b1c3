/** The real services that suites and developers need. */
export const serviceNames = ['kafka', 'postgres', 's3'] as const;
export type ServiceName = (typeof serviceNames)[number];

export const isServiceName = (name: string): name is ServiceName => (serviceNames as readonly string[]).includes(name);

/** A service that answers, and how to reach and end it. */
export interface RunningService {
  name: ServiceName;
  /** Said in the closing lines, e.g. "container apache/kafka:4.3.1". */
  how: string;
  /** The variables by which the apps find it. */
  environment: Record<string, string>;
  stop: () => Promise<void>;
}

/** What a new server is told about itself; the same for native ones and containers, so that tests see one kind of service. */
export const credentials = {
  database: 'baton',
  user: 'baton',
  password: 'baton',
  accessKey: 'baton',
  secretKey: 'baton-secret',
  bucket: 'baton',
  region: 'us-east-1',
} as const;

export const environmentOf = {
  kafka: (host: string, port: number): Record<string, string> => ({ KAFKA_BROKERS: `${host}:${String(port)}` }),
  postgres: (host: string, port: number): Record<string, string> => ({
    DATABASE_URL: `postgres://${credentials.user}:${credentials.password}@${host}:${String(port)}/${credentials.database}`,
  }),
  s3: (host: string, port: number): Record<string, string> => ({
    S3_ENDPOINT: `http://${host}:${String(port)}`,
    S3_ACCESS_KEY: credentials.accessKey,
    S3_SECRET_KEY: credentials.secretKey,
    S3_BUCKET: credentials.bucket,
    S3_REGION: credentials.region,
  }),
};
