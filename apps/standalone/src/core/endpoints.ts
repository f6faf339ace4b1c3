import type { StandaloneOptions } from './options.js';
import { grpcAddressOf, urlOf } from './environments.js';

/**
 * `<data-dir>/endpoints.json`: where everything of a running standalone listens, for the command line and for tests.
 * Holds the password of the embedded database, so only its owner may read it.
 */
export interface Endpoints {
  /** False until every part has answered once. */
  ready: boolean;
  pid: number;
  registry: string;
  predictor: string;
  /** `host:port`, as gRPC's clients want it. */
  predictorGrpc: string;
  trainer: string;
  databaseUrl: string;
  kafkaBrokers: string | null;
  /** Null when artifacts lie in S3. */
  artifactsDir: string | null;
}

export const endpointsOf = (
  options: StandaloneOptions,
  environment: Record<string, string>,
  ready: boolean,
): Endpoints => ({
  ready,
  pid: process.pid,
  registry: urlOf(options.host, options.ports.registry),
  predictor: urlOf(options.host, options.ports.predictor),
  predictorGrpc: grpcAddressOf(options.host, options.grpcPort),
  trainer: urlOf(options.host, options.ports.trainer),
  databaseUrl: environment.DATABASE_URL,
  kafkaBrokers: options.kafka ? environment.KAFKA_BROKERS : null,
  artifactsDir: options.s3 ? null : environment.ARTIFACTS_DIR,
});
