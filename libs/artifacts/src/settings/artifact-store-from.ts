import { required, type Settings } from '#runtime';
import { FilesystemArtifactStore } from '../filesystem/filesystem-artifact-store.js';
import { S3ArtifactStore } from '../s3/s3-artifact-store.js';

/** The store that the settings name: S3 when `S3_ENDPOINT` is set, else the folder `ARTIFACTS_DIR`. Reaches for neither yet. */
export const artifactStoreFrom = (settings: Settings): S3ArtifactStore | FilesystemArtifactStore =>
  settings.S3_ENDPOINT === undefined
    ? new FilesystemArtifactStore(settings.ARTIFACTS_DIR)
    : new S3ArtifactStore({
        endpoint: settings.S3_ENDPOINT,
        accessKey: required(settings, 'S3_ACCESS_KEY'),
        secretKey: required(settings, 'S3_SECRET_KEY'),
        bucket: settings.S3_BUCKET,
        region: settings.S3_REGION,
        prefix: settings.S3_PREFIX,
      });
