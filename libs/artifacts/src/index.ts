export { ArtifactStore, type ArtifactEntry, type ByteRange, type StoredArtifact } from './artifact-store.js';
export { blobKey, checkedKey } from './artifact-key.js';
export { DirectTransfers, NoDirectTransfers, type PartTarget, type UploadedPart } from './direct-transfers.js';
export { ArtifactInventory, type InventoryEntry, type UnfinishedUpload } from './artifact-inventory.js';
