import { Module, type DynamicModule } from '@nestjs/common';
import type { Settings } from '#runtime';
import { ArtifactInventory } from '../artifact-inventory.js';
import { ArtifactStore } from '../artifact-store.js';
import { DirectTransfers, NoDirectTransfers } from '../direct-transfers.js';
import { FilesystemInventory } from '../filesystem/filesystem-inventory.js';
import { S3ArtifactStore } from '../s3/s3-artifact-store.js';
import { S3DirectTransfers } from '../s3/s3-direct-transfers.js';
import { S3Inventory } from '../s3/s3-inventory.js';
import { artifactStoreFrom } from '../settings/artifact-store-from.js';

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
