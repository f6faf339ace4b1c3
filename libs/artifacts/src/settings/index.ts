export { artifactStoreFrom } from './artifact-store-from.js';
