export { ArtifactStore, type ArtifactEntry, type ByteRange, type StoredArtifact } from './artifact-store.js';
export { blobKey, checkedKey } from './artifact-key.js';
export { DirectTransfers, NoDirectTransfers, type PartTarget, type UploadedPart } from './direct-transfers.js';
