import 'reflect-metadata';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { expect, it } from 'vitest';
import { readSettings } from '#runtime';
import { ArtifactStore } from '../artifact-store.js';
import { ArtifactStoreModule } from './artifact-store.module.js';

it('the module gives it to the whole app', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'baton-artifacts-'));
  @Module({ imports: [ArtifactStoreModule.forRoot(readSettings({ ARTIFACTS_DIR: folder }))] })
  class AppModule {}
  const app = await NestFactory.createApplicationContext(AppModule, { logger: false });
  expect(await app.get(ArtifactStore).put('a/b', Buffer.from('x'))).toMatchObject({ sizeBytes: 1 });
  await app.close();
  await rm(folder, { recursive: true });
});
