import 'reflect-metadata';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { expect, it } from 'vitest';
import { readSettings } from '#runtime';
import { ArtifactStore } from '../artifact-store.js';
import { FilesystemArtifactStore } from '../filesystem/filesystem-artifact-store.js';
import { S3ArtifactStore } from '../s3/s3-artifact-store.js';
import { ArtifactStoreModule, artifactStoreFrom } from './artifact-store.module.js';

it('S3_ENDPOINT decides which store it is, and nothing is reached for yet', () => {
  const s3 = { S3_ENDPOINT: 'http://127.0.0.1:1', S3_ACCESS_KEY: 'a', S3_SECRET_KEY: 'b' };
  expect(artifactStoreFrom(readSettings(s3))).toBeInstanceOf(S3ArtifactStore);
  expect(artifactStoreFrom(readSettings({ ARTIFACTS_DIR: '/nowhere' }))).toBeInstanceOf(FilesystemArtifactStore);
});

it('the module gives it to the whole app', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'baton-artifacts-'));
  @Module({ imports: [ArtifactStoreModule.forRoot(readSettings({ ARTIFACTS_DIR: folder }))] })
  class AppModule {}
  const app = await NestFactory.createApplicationContext(AppModule, { logger: false });
  expect(await app.get(ArtifactStore).put('a/b', Buffer.from('x'))).toMatchObject({ sizeBytes: 1 });
  await app.close();
  await rm(folder, { recursive: true });
});
