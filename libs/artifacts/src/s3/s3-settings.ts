/** Where the bucket is and how to reach it. */
export interface S3Settings {
  endpoint: string;
  accessKey: string;
  secretKey: string;
  bucket: string;
  region: string;
  /** Put before every key; slashes at its ends are ignored. */
  prefix?: string;
  /** The bucket is somebody else's: a missing one is not made, but told as `ARTIFACT_NOT_FOUND`. */
  foreign?: boolean;
}
