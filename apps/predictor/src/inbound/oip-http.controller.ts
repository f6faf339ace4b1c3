import { Controller, Get, HttpCode, Inject, Param, Post, Req, Res } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ModelPromoted } from '#contracts';
import { PlatformError } from '#runtime';
import { ModelDirectory } from '../core/model-directory.js';
import { Predict } from '../core/predict.js';
import { Replica } from '../core/replica.js';
import type { ServedVersion } from '../core/serving-slot.js';
import { jsonBody } from './json-body.js';
import { outputNamesOf, outputOf, readInferRequest, tensorsOf } from './oip-tensors.js';
import { VERSION_HEADER } from './predict.controller.js';

const serverMetadata = { name: 'baton-predictor', version: '0.1.0', extensions: [] };

/** Some clients ask for `/v2/`; Nest takes the last slash off its own routes. */
export const answerTrailingSlash = (app: NestFastifyApplication): void => {
  app
    .getHttpAdapter()
    .getInstance()
    .get('/v2/', (_request, reply) => reply.send(serverMetadata));
};

/** Open Inference Protocol V2 over HTTP in JSON. Its error body is made in `oip-error.ts`. */
@Controller('v2')
export class OipHttpController {
  constructor(
    @Inject(ModelDirectory) private readonly directory: ModelDirectory,
    @Inject(Predict) private readonly predict: Predict,
    @Inject(Replica) private readonly replica: Replica,
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
    return { models: this.directory.models().map(({ name }) => name) };
  }

  @Get(['models/:name', 'models/:name/versions/:version'])
  metadata(
    @Res({ passthrough: true }) reply: FastifyReply,
    @Param('name') name: string,
    @Param('version') version?: string,
  ): object {
    const { promoted } = this.accept(reply, name, version);
    const { inputs, outputs } = promoted.signature;
    return { name: promoted.model, versions: [versionOf(promoted)], platform: 'onnx_onnxv1', inputs, outputs };
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

  @Post(['models/:name/infer', 'models/:name/versions/:version/infer'])
  @HttpCode(200)
  async infer(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Param('name') name: string,
    @Param('version') version?: string,
  ): Promise<object> {
    const served = this.accept(reply, name, version);
    const { promoted, model } = served;
    if (request.headers['inference-header-content-length'] !== undefined)
      throw new PlatformError('INPUT_INVALID', 'Binary tensor data is not taken here; send the tensors as JSON.');
    const asked = readInferRequest(jsonBody(request.body));
    const outputs = await this.predict.tensors(
      served,
      () => tensorsOf(asked, promoted.signature.inputs),
      outputNamesOf(asked) ?? model.outputs.map((output) => output.name),
    );
    return {
      model_name: promoted.model,
      model_version: versionOf(promoted),
      ...(asked.id !== undefined && { id: asked.id }),
      outputs: outputs.map(outputOf),
    };
  }

  private accept(reply: FastifyReply, name: string, version: string | undefined): ServedVersion {
    const served = this.directory.accept(name, version === undefined ? undefined : versionNumber(name, version));
    void reply.header(VERSION_HEADER, versionOf(served.promoted));
    return served;
  }
}

const versionOf = ({ version }: ModelPromoted): string => String(version);

const versionNumber = (name: string, text: string): number => {
  const version = Number(text);
  if (Number.isSafeInteger(version) && version > 0) return version;
  throw new PlatformError('VERSION_NOT_FOUND', `"${name}" has no version "${text}"; versions are counted from 1.`);
};
