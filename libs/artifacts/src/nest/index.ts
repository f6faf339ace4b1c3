export { ArtifactStoreModule, artifactStoreFrom } from './artifact-store.module.js';
