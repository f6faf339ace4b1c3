import { expect, it } from 'vitest';
import { readSettings } from '#runtime';
import { FilesystemArtifactStore } from '../filesystem/filesystem-artifact-store.js';
import { S3ArtifactStore } from '../s3/s3-artifact-store.js';
import { artifactStoreFrom } from './artifact-store-from.js';

it('S3_ENDPOINT decides which store it is, and nothing is reached for yet', () => {
  const s3 = { S3_ENDPOINT: 'http://127.0.0.1:1', S3_ACCESS_KEY: 'a', S3_SECRET_KEY: 'b' };
  expect(artifactStoreFrom(readSettings(s3))).toBeInstanceOf(S3ArtifactStore);
  expect(artifactStoreFrom(readSettings({ ARTIFACTS_DIR: '/nowhere' }))).toBeInstanceOf(FilesystemArtifactStore);
});
