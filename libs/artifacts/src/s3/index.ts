export { S3ArtifactStore } from './s3-artifact-store.js';
export { S3DirectTransfers } from './s3-direct-transfers.js';
export { S3Inventory } from './s3-inventory.js';
export type { S3Settings } from './s3-settings.js';
