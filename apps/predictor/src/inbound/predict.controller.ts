import { Controller, HttpCode, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { PlatformError } from '#runtime';
import { ModelDirectory } from '../core/model-directory.js';
import { Predict, type PredictAnswer } from '../core/predict.js';
import { recordsBody } from './records-body.js';

/** Which version answers; on every answer, errors of that version included. */
export const VERSION_HEADER = 'x-model-version';

/** The plain way to ask: a list of records in, a list of predictions out. */
@Controller()
export class PredictController {
  constructor(
    @Inject(ModelDirectory) private readonly directory: ModelDirectory,
    @Inject(Predict) private readonly predict: Predict,
  ) {}

  @Post('predict')
  @HttpCode(200)
  byDefault(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Query('proba') proba?: string,
  ): Promise<PredictAnswer> {
    return this.answer(undefined, request, reply, proba);
  }

  @Post('models/:name/predict')
  @HttpCode(200)
  byName(
    @Param('name') name: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Query('proba') proba?: string,
  ): Promise<PredictAnswer> {
    return this.answer(name, request, reply, proba);
  }

  private answer(
    name: string | undefined,
    request: FastifyRequest,
    reply: FastifyReply,
    proba: string | undefined,
  ): Promise<PredictAnswer> {
    const served = this.directory.accept(name);
    void reply.header(VERSION_HEADER, String(served.promoted.version));
    return this.predict.records(served, recordsBody(request.body), wantsProbabilities(proba));
  }
}

const wantsProbabilities = (proba: string | undefined): boolean => {
  if (proba === undefined || proba === 'false' || proba === '0') return false;
  if (proba === 'true' || proba === '1' || proba === '') return true;
  throw new PlatformError('INPUT_INVALID', `proba must be true or false, not "${proba}".`);
};
