import { Module, type DynamicModule } from '@nestjs/common';
import { required, type Settings } from '#runtime';
import { ArtifactInventory } from '../artifact-inventory.js';
import { ArtifactStore } from '../artifact-store.js';
import { DirectTransfers, NoDirectTransfers } from '../direct-transfers.js';
import { FilesystemArtifactStore } from '../filesystem/filesystem-artifact-store.js';
import { FilesystemInventory } from '../filesystem/filesystem-inventory.js';
import { S3ArtifactStore } from '../s3/s3-artifact-store.js';
import { S3DirectTransfers } from '../s3/s3-direct-transfers.js';
import { S3Inventory } from '../s3/s3-inventory.js';

/** The store that the settings name: S3 when `S3_ENDPOINT` is set, else the folder `ARTIFACTS_DIR`. Reaches for neither yet. */
export const artifactStoreFrom = (settings: Settings): S3ArtifactStore | FilesystemArtifactStore =>
  settings.S3_ENDPOINT === undefined
    ? new FilesystemArtifactStore(settings.ARTIFACTS_DIR)
    : new S3ArtifactStore({
        endpoint: settings.S3_ENDPOINT,
        accessKey: required(settings, 'S3_ACCESS_KEY'),
        secretKey: required(settings, 'S3_SECRET_KEY'),
        bucket: settings.S3_BUCKET,
        region: settings.S3_REGION,
        prefix: settings.S3_PREFIX,
      });

const directTransfersFrom = (settings: Settings, store: ArtifactStore): DirectTransfers =>
  settings.ARTIFACTS_DIRECT && settings.S3_ENDPOINT !== undefined && store instanceof S3ArtifactStore
    ? new S3DirectTransfers(store, settings.S3_PUBLIC_ENDPOINT ?? settings.S3_ENDPOINT)
    : new NoDirectTransfers();

const inventoryFrom = (settings: Settings, store: ArtifactStore): ArtifactInventory =>
  store instanceof S3ArtifactStore ? new S3Inventory(store) : new FilesystemInventory(settings.ARTIFACTS_DIR);

/** Gives `ArtifactStore`, `ArtifactInventory` and `DirectTransfers` to every module of the app. */
@Module({})
export class ArtifactStoreModule {
  static forRoot(settings: Settings): DynamicModule {
    return {
      module: ArtifactStoreModule,
      global: true,
      providers: [
        { provide: ArtifactStore, useFactory: () => artifactStoreFrom(settings) },
        {
          provide: DirectTransfers,
          inject: [ArtifactStore],
          useFactory: (store: ArtifactStore) => directTransfersFrom(settings, store),
        },
        {
          provide: ArtifactInventory,
          inject: [ArtifactStore],
          useFactory: (store: ArtifactStore) => inventoryFrom(settings, store),
        },
      ],
      exports: [ArtifactStore, ArtifactInventory, DirectTransfers],
    };
  }
}
