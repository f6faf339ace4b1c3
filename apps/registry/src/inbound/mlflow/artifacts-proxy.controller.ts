import type { Readable } from 'node:stream';
import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Put, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ArtifactStore } from '#artifacts';
import { proxiedKey, proxiedRoot } from '../../core/artifact-locations.js';
import { contentTypeOf } from './content-types.js';
import { MlflowOnlyError } from './mlflow-errors.js';

/** The artifact store behind our address: clients need no credentials of the store, and files stream through. */
@Controller(['api/2.0/mlflow-artifacts', 'ajax-api/2.0/mlflow-artifacts'])
export class ArtifactsProxyController {
  constructor(@Inject(ArtifactStore) private readonly store: ArtifactStore) {}

  @Put('artifacts/*')
  @HttpCode(200)
  async put(
    @Param('*') path: string,
    @Body() body: Readable | undefined,
    @Req() request: FastifyRequest,
  ): Promise<object> {
    const length = request.headers['content-length'];
    await this.store.put(proxiedKey(path), body ?? new Uint8Array(), length === undefined ? undefined : Number(length));
    return {};
  }

  @Get('artifacts')
  async list(@Query('path') path?: string): Promise<object> {
    const folder = path === undefined || path === '' ? proxiedRoot : proxiedKey(path);
    const entries = await this.store.list(folder);
    const files = entries.map(({ key, isDirectory, sizeBytes }) => ({
      path: key.slice(key.lastIndexOf('/') + 1),
      is_dir: isDirectory,
      ...(sizeBytes !== undefined && { file_size: sizeBytes }),
    }));
    return files.length === 0 ? {} : { files };
  }

  @Get('artifacts/*')
  async get(@Param('*') path: string, @Res() reply: FastifyReply): Promise<void> {
    const { body, sizeBytes } = await this.store.get(proxiedKey(path));
    const name = path.slice(path.lastIndexOf('/') + 1);
    await reply
      .header('content-type', contentTypeOf(name))
      .header('content-length', sizeBytes)
      .header('content-disposition', `attachment; filename*=UTF-8''${encodeURIComponent(name)}`)
      .header('x-content-type-options', 'nosniff')
      .send(body);
  }

  @Delete('artifacts/*')
  async delete(@Param('*') path: string): Promise<object> {
    await this.store.remove(proxiedKey(path));
    return {};
  }

  /** Clients look for this message and upload in one piece. */
  @Post('mpu/*')
  multipart(): never {
    throw new MlflowOnlyError(
      501,
      'NOT_IMPLEMENTED',
      'Multipart upload is not supported for the current artifact repository',
    );
  }

  @Get('presigned/*')
  presigned(): never {
    throw new MlflowOnlyError(
      501,
      'NOT_IMPLEMENTED',
      'Presigned download is not supported for the current artifact repository',
    );
  }
}
