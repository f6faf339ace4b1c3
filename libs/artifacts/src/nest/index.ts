export { ArtifactStoreModule } from './artifact-store.module.js';
