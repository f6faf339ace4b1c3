export { S3ArtifactStore } from './s3-artifact-store.js';
export type { S3Settings } from './s3-settings.js';
