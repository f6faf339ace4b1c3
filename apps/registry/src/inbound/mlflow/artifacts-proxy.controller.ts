import type { Readable } from 'node:stream';
import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Put, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ArtifactStore } from '#artifacts';
import { PlatformError } from '#runtime';
import { keyOfProxied, proxiedKey } from '../../core/artifact-locations.js';
import { ArtifactDownload } from './artifact-download.js';
import { SweptBuffers } from './swept-buffers.js';

/** The artifact store behind our address: clients need no credentials of the store, and files stream through. */
@Controller(['api/2.0/mlflow-artifacts', 'ajax-api/2.0/mlflow-artifacts'])
export class ArtifactsProxyController {
  constructor(
    @Inject(ArtifactStore) private readonly store: ArtifactStore,
    @Inject(ArtifactDownload) private readonly download: ArtifactDownload,
    @Inject(SweptBuffers) private readonly buffers: SweptBuffers,
  ) {}

  @Put('artifacts/*')
  @HttpCode(200)
  async put(@Param('*') path: string, @Body() body: Readable, @Req() request: FastifyRequest): Promise<object> {
    const key = proxiedKey(path);
    if (path.endsWith('/'))
      throw new PlatformError('REQUEST_INVALID', "Artifact path must include a filename (cannot end with '/').");
    const length = request.headers['content-length'];
    const end = this.buffers.begin();
    try {
      await this.store.receive(key, body, length === undefined ? undefined : Number(length));
    } finally {
      end();
    }
    return {};
  }

  @Get('artifacts')
  async list(@Query('path') path?: string | string[]): Promise<object> {
    const entries = await this.store.list(keyOfProxied(Array.isArray(path) ? (path.at(-1) ?? '') : (path ?? '')));
    const files = entries.map(({ key, isDirectory, sizeBytes }) => ({
      path: key.slice(key.lastIndexOf('/') + 1),
      is_dir: isDirectory,
      ...(sizeBytes !== undefined && { file_size: sizeBytes }),
    }));
    return files.length === 0 ? {} : { files };
  }

  @Get('artifacts/*')
  async get(@Param('*') path: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.download.answer(proxiedKey(path), path, request, reply);
  }

  @Delete('artifacts/*')
  async delete(@Param('*') path: string): Promise<object> {
    await this.store.remove(proxiedKey(path));
    return {};
  }
}
