import { Controller, Get, Inject, Param, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { ModelDirectory } from '../core/model-directory.js';
import type { SwapModel } from '../core/swap-model.js';
import { VERSION_HEADER } from './version-header.js';

/** What is served here, in words for people and scripts. */
@Controller()
export class ModelsController {
  constructor(@Inject(ModelDirectory) private readonly directory: ModelDirectory) {}

  @Get()
  welcome(): object {
    return {
      message:
        'Baton predictor: POST /predict takes a list of records and answers {"predictions": [...]}; GET /model-info says which version answers.',
      models: this.directory.models().map(({ name }) => name),
    };
  }

  @Get('models')
  list(): object {
    return { models: this.directory.models().map((swap) => summaryOf(swap)) };
  }

  @Get('model-info')
  info(@Res({ passthrough: true }) reply: FastifyReply): object {
    return this.infoOf(undefined, reply);
  }

  @Get('models/:name/info')
  infoByName(@Param('name') name: string, @Res({ passthrough: true }) reply: FastifyReply): object {
    return this.infoOf(name, reply);
  }

  private infoOf(name: string | undefined, reply: FastifyReply): object {
    const swap = this.directory.find(name);
    const { promoted } = this.directory.accept(swap.name);
    const state = swap.state();
    void reply.header(VERSION_HEADER, String(promoted.version));
    return {
      model_name: promoted.model,
      stage: promoted.stage,
      version: String(promoted.version),
      run_id: promoted.runId,
      model_uri: promoted.modelUri,
      generation: promoted.generation,
      cause: promoted.cause,
      promoted_at: promoted.promotedAt,
      promoted_by: promoted.promotedBy,
      reason: promoted.reason,
      sha256: promoted.artifact.sha256,
      size_bytes: promoted.artifact.sizeBytes,
      signature: promoted.signature,
      predictor_id: state.predictorId,
      ...statusOf(swap),
      since: state.since,
    };
  }
}

const summaryOf = (swap: SwapModel): object => {
  const active = swap.slot.active?.promoted;
  return {
    name: swap.name,
    version: active === undefined ? null : String(active.version),
    generation: active?.generation ?? null,
    ...statusOf(swap),
  };
};

/** `serving` what is wanted, `swapping` to it, or `failed` to: then the version before it answers, if there is one. */
const statusOf = (swap: SwapModel): object => {
  const { state, step, reason } = swap.state();
  const target = swap.target?.promoted;
  const serves = target?.generation === swap.slot.active?.promoted.generation;
  return {
    status: state === 'failed' ? 'failed' : serves ? 'serving' : 'swapping',
    target: target ? { version: String(target.version), generation: target.generation } : null,
    ...(state === 'failed' && { failure: { step, reason } }),
  };
};
