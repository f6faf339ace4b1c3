import { checkedKey } from '../artifact-key.js';
import { ArtifactInventory, type InventoryEntry, type UnfinishedUpload } from '../artifact-inventory.js';
import type { S3ArtifactStore } from './s3-artifact-store.js';
import { listObjects } from './s3-listing.js';

/** What lies in the bucket below our prefix. */
export class S3Inventory extends ArtifactInventory {
  constructor(private readonly store: S3ArtifactStore) {
    super();
  }

  async *below(folder: string): AsyncGenerator<InventoryEntry> {
    const { client, settings, prefix } = this.store;
    const asked = `${prefix}${checkedKey(folder)}/`;
    const pages = listObjects(client, settings.bucket, asked, '');
    for (;;) {
      const next = await this.store.said(folder, () => pages.next());
      if (next.done === true) return;
      const { name, sizeBytes, modifiedMs } = next.value;
      yield { key: name.slice(prefix.length), sizeBytes, modifiedMs };
    }
  }

  /** Some servers list uploads by the whole name of their object only (MinIO, which ends them itself after a day). */
  async *unfinished(): AsyncGenerator<UnfinishedUpload> {
    const { client, settings, prefix } = this.store;
    let [key, upload] = ['', ''];
    do {
      const page = await this.store.said('', () =>
        client.listIncompleteUploadsQuery(settings.bucket, prefix, key, upload, ''),
      );
      for (const { key: object, uploadId, initiated } of page.uploads)
        yield {
          key: object.slice(prefix.length),
          beganMs: initiated.getTime(),
          sizeBytes: 0,
          discard: () =>
            this.store.said(object, () =>
              client.abortMultipartUpload(settings.bucket, object, encodeURIComponent(uploadId)),
            ),
        };
      [key, upload] = page.isTruncated ? [page.nextKeyMarker, page.nextUploadIdMarker] : ['', ''];
    } while (key !== '');
  }
}
