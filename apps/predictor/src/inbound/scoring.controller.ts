import { Controller, Get, Header, HttpCode, Inject, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ModelDirectory } from '../core/model-directory.js';
import { Predict } from '../core/predict.js';
import { Replica } from '../core/replica.js';
import { Score, type ScoringAnswer } from '../core/scoring/score.js';
import { VERSION_HEADER } from './version-header.js';
import { scoringBody } from './scoring-body.js';

/** The release of MLflow whose scoring protocol this is. */
export const SPOKEN_VERSION = '3.17.2';

/** MLflow's scoring protocol: what is written for `mlflow models serve` works here. */
@Controller()
export class ScoringController {
  constructor(
    @Inject(ModelDirectory) private readonly directory: ModelDirectory,
    @Inject(Predict) private readonly predict: Predict,
    @Inject(Score) private readonly score: Score,
    @Inject(Replica) private readonly replica: Replica,
  ) {}

  @Post('invocations')
  @HttpCode(200)
  byDefault(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<ScoringAnswer> {
    return this.answer(undefined, request, reply);
  }

  /** MLflow serves one model per process; here each has a path, too. */
  @Post('models/:name/invocations')
  @HttpCode(200)
  byName(
    @Param('name') name: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ScoringAnswer> {
    return this.answer(name, request, reply);
  }

  /** Whether requests can be answered; the body says nothing, as MLflow's does not. */
  @Get('ping')
  @Header('content-type', 'application/json')
  ping(@Res({ passthrough: true }) reply: FastifyReply): string {
    if (this.replica.notReady() !== undefined) void reply.status(503);
    return '\n';
  }

  @Get('version')
  @Header('content-type', 'text/plain; charset=utf-8')
  version(): string {
    return SPOKEN_VERSION;
  }

  private answer(name: string | undefined, request: FastifyRequest, reply: FastifyReply): Promise<ScoringAnswer> {
    const served = this.predict.accept(() => this.directory.accept(name));
    void reply.header(VERSION_HEADER, String(served.promoted.version));
    return this.score.execute(
      served,
      () => scoringBody(request.body, request.headers['content-type']),
      request.raw.socket,
    );
  }
}
