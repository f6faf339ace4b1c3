import { Controller, Get, HttpCode, Inject, Param, Post, Req, Res } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { PlatformError } from '#runtime';
import { ModelReports } from '../core/model-reports.js';
import { ModelDirectory } from '../core/model-directory.js';
import { Replica } from '../core/replica.js';
import { modelMetadata, serverMetadata, versionNumber } from '../core/server-metadata.js';
import type { ServedVersion } from '../core/serving-slot.js';
import { jsonBody } from './json-body.js';
import { VERSION_HEADER } from './version-header.js';

/** Some clients ask for `/v2/`; Nest takes the last slash off its own routes. */
export const answerTrailingSlash = (app: NestFastifyApplication): void => {
  app
    .getHttpAdapter()
    .getInstance()
    .get('/v2/', (_request, reply) => reply.send(serverMetadata));
};

/** What the Open Inference Protocol V2 tells over HTTP. Inference is in `hot-routes.ts`, its error body in `oip-error.ts`. */
@Controller('v2')
export class OipHttpController {
  constructor(
    @Inject(ModelDirectory) private readonly directory: ModelDirectory,
    @Inject(Replica) private readonly replica: Replica,
    @Inject(ModelReports) private readonly reports: ModelReports,
  ) {}

  @Get()
  server(): object {
    return serverMetadata;
  }

  @Get('health/live')
  live(): object {
    return { live: true };
  }

  @Get('health/ready')
  ready(@Res({ passthrough: true }) reply: FastifyReply): object {
    const reason = this.replica.notReady();
    if (reason === undefined) return { ready: true, live: true };
    void reply.status(503);
    return { ready: false, live: true, reason };
  }

  @Get('models')
  models(): object {
    return { models: this.directory.names() };
  }

  @Get(['models/:name', 'models/:name/versions/:version'])
  metadata(
    @Res({ passthrough: true }) reply: FastifyReply,
    @Param('name') name: string,
    @Param('version') version?: string,
  ): object {
    const { promoted } = this.accept(reply, name, version);
    return modelMetadata(promoted, this.directory.versionsOf(name));
  }

  @Get(['models/:name/ready', 'models/:name/versions/:version/ready'])
  modelReady(
    @Res({ passthrough: true }) reply: FastifyReply,
    @Param('name') name: string,
    @Param('version') version?: string,
  ): object {
    const { promoted } = this.accept(reply, name, version);
    return { name: promoted.model, ready: true };
  }

  @Get(['models/:name/config', 'models/:name/versions/:version/config'])
  config(
    @Res({ passthrough: true }) reply: FastifyReply,
    @Param('name') name: string,
    @Param('version') version?: string,
  ): object {
    return this.reports.config(this.accept(reply, name, version));
  }

  @Get(['models/:name/stats', 'models/:name/versions/:version/stats'])
  statistics(
    @Res({ passthrough: true }) reply: FastifyReply,
    @Param('name') name: string,
    @Param('version') version?: string,
  ): object {
    return { model_stats: [this.reports.statistics(this.accept(reply, name, version))] };
  }

  @Get('models/stats')
  allStatistics(): object {
    return { model_stats: this.reports.allStatistics() };
  }

  @Post('repository/index')
  @HttpCode(200)
  index(@Req() { body }: FastifyRequest): object {
    const isEmpty = !(body instanceof Uint8Array) || body.length === 0;
    return this.reports.index(isEmpty ? false : readyOnly(jsonBody(body)));
  }

  @Post(['repository/models/:name/load', 'repository/models/:name/unload'])
  change(@Param('name') name: string): never {
    throw new PlatformError(
      'CONFLICT',
      `Which versions are loaded is controlled by promotions: promote or retire "${name}" at the registry instead.`,
    );
  }

  private accept(reply: FastifyReply, name: string, version: string | undefined): ServedVersion {
    const served = this.directory.accept(name, versionNumber(name, version));
    void reply.header(VERSION_HEADER, String(served.promoted.version));
    return served;
  }
}

/** @throws PlatformError INPUT_INVALID */
const readyOnly = (asked: unknown): boolean => {
  if (typeof asked === 'object' && asked !== null && !Array.isArray(asked)) {
    const ready = 'ready' in asked ? asked.ready : false;
    if (typeof ready === 'boolean') return ready;
  }
  throw new PlatformError('INPUT_INVALID', 'The body must be empty, or an object such as {"ready": true}.');
};
