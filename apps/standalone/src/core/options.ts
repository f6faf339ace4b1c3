import type { Settings } from '#runtime';

/** The three applications, in the order in which their addresses are printed. */
export const appNames = ['registry', 'predictor', 'trainer'] as const;
export type AppName = (typeof appNames)[number];

/** What the command line may say; everything else comes from the settings. */
export interface Flags {
  /** Absolute. */
  dataDir: string;
  host?: string;
  registryPort?: number;
  predictorPort?: number;
  predictorGrpcPort?: number;
  trainerPort?: number;
  postgresPort?: number;
}

/** All that `npm start` needs to know. A part that is named in the environment is real, the others are embedded. */
export interface StandaloneOptions {
  dataDir: string;
  host: string;
  ports: Record<AppName, number>;
  /** The predictor's for gRPC. */
  grpcPort: number;
  /** 0 takes a free one. */
  postgresPort: number;
  kafka: boolean;
  databaseUrl?: string;
  s3: boolean;
}

/** A flag wins over the environment, the environment over the default. Listens on this machine only unless told otherwise. */
export const optionsOf = (flags: Flags, settings: Settings, hostGiven: boolean): StandaloneOptions => ({
  dataDir: flags.dataDir,
  host: flags.host ?? (hostGiven ? settings.HOST : '127.0.0.1'),
  ports: {
    registry: flags.registryPort ?? settings.REGISTRY_PORT,
    predictor: flags.predictorPort ?? settings.PREDICTOR_PORT,
    trainer: flags.trainerPort ?? settings.TRAINER_PORT,
  },
  grpcPort: flags.predictorGrpcPort ?? settings.PREDICTOR_GRPC_PORT,
  postgresPort: flags.postgresPort ?? 0,
  kafka: settings.KAFKA_BROKERS !== undefined,
  databaseUrl: settings.DATABASE_URL,
  s3: settings.S3_ENDPOINT !== undefined,
});
