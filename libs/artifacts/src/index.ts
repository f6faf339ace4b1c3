export { ArtifactStore, type ArtifactEntry, type StoredArtifact } from './artifact-store.js';
export { blobKey, checkedKey } from './artifact-key.js';
