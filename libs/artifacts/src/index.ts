export { ArtifactStore, type ArtifactEntry, type StoredArtifact } from './artifact-store.js';
