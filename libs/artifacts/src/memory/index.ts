export { InMemoryArtifactStore } from './in-memory-artifact-store.js';
