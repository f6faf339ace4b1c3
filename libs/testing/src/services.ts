import { readSettings } from '#runtime';

export interface S3Service {
  endpoint: string;
  accessKey: string;
  secretKey: string;
  bucket: string;
  region: string;
}

/** The services this test run was given (see `global-setup.ts`); an absent one could not be had. */
export const services = (): { kafka?: string[]; postgres?: string; s3?: S3Service } => {
  const given = readSettings();
  return {
    kafka: given.KAFKA_BROKERS,
    postgres: given.DATABASE_URL,
    s3:
      given.S3_ENDPOINT === undefined
        ? undefined
        : {
            endpoint: given.S3_ENDPOINT,
            accessKey: given.S3_ACCESS_KEY ?? '',
            secretKey: given.S3_SECRET_KEY ?? '',
            bucket: given.S3_BUCKET,
            region: given.S3_REGION,
          },
  };
};
