import { Controller, Delete, Get, HttpCode, Inject, Param, Post, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { z } from 'zod';
import {
  postPromotion,
  postRollback,
  type ModelPromoted,
  type PromotionAt,
  type PromotionPending,
  type PromotionsPage,
  type PromotionView,
} from '#contracts';
import { PlatformError } from '#runtime';
import { PromoteModel } from '../../core/promote-model.js';
import { Promotions } from '../../core/promotions.js';
import { ModelVersions, RegisteredModels } from '../../core/registered-models.js';
import { RetireModel } from '../../core/retire-model.js';
import { RollBackModel } from '../../core/roll-back-model.js';
import { ContractBody, countIn, momentIn } from './body.js';
import { pendingView } from './standing-view.js';

/** Promotion by hand, and who was in production when. `promotedBy` is `api` until the API knows who calls it. */
@Controller('api/v1/models/:name')
export class PromotionsController {
  constructor(
    @Inject(PromoteModel) private readonly promote: PromoteModel,
    @Inject(RollBackModel) private readonly rollBack: RollBackModel,
    @Inject(RetireModel) private readonly retire: RetireModel,
    @Inject(Promotions) private readonly promotions: Promotions,
    @Inject(RegisteredModels) private readonly models: RegisteredModels,
    @Inject(ModelVersions) private readonly versions: ModelVersions,
  ) {}

  /** 201 with the line of history; 202 when the version has no ONNX file yet and its promotion waits for one. */
  @Post('promotions')
  async post(
    @Param('name') model: string,
    @ContractBody(postPromotion) { version, reason }: z.infer<typeof postPromotion>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PromotionView | PromotionPending> {
    const why = { reason, cause: 'request', promotedBy: 'api' } as const;
    const { promotion, pending } = await this.promote.execute({ model, version, ...why });
    if (promotion !== undefined) {
      reply.status(201);
      return viewOf(promotion);
    }
    if (pending === undefined) throw new PlatformError('INTERNAL');
    reply.status(202);
    const { frozen } = await this.versions.get(model, version);
    return { model, pending: pendingView(pending, frozen.servable ? '' : frozen.reason) };
  }

  @Get('promotions')
  async list(
    @Param('name') model: string,
    @Query('limit') limit?: string,
    @Query('pageToken') token?: string,
    @Query('at') at?: string,
  ): Promise<PromotionsPage | PromotionAt> {
    if (at !== undefined) return this.inProductionAt(model, momentIn(at, 'at'));
    const count = countIn(limit, 'limit', 100, 10_000);
    const found = await this.promotions.history(model, count + 1, generationOf(token));
    // The history outlives the model; only a name that never was anything is unknown.
    if (found.length === 0 && token === undefined) await this.models.get(model);
    const promotions = found.slice(0, count);
    const last = promotions.at(-1);
    return { promotions, nextPageToken: found.length > count && last ? btoa(String(last.generation)) : null };
  }

  @Post('rollback')
  @HttpCode(201)
  async roll(
    @Param('name') model: string,
    @ContractBody(postRollback) { to, reason }: z.infer<typeof postRollback>,
  ): Promise<PromotionView> {
    return viewOf(await this.rollBack.execute({ model, to, reason, promotedBy: 'api' }));
  }

  @Delete('promotions')
  async delete(
    @Param('name') model: string,
    @Query('reason') reason = '',
  ): Promise<{ model: string; generation: number }> {
    return { model, generation: await this.retire.execute({ model, reason, promotedBy: 'api' }) };
  }

  private async inProductionAt(model: string, at: string): Promise<PromotionAt> {
    const promotion = (await this.promotions.lineAt(model, at)) ?? null;
    if (promotion === null && (await this.promotions.history(model, 1)).length === 0) await this.models.get(model);
    return { model, at, version: promotion?.version ?? null, promotion };
  }
}

const viewOf = (promoted: ModelPromoted): PromotionView => {
  const { model, version, previousVersion, generation, cause, promotedBy, reason, promotedAt } = promoted;
  return { model, version, previousVersion, generation, cause, promotedBy, reason, promotedAt };
};

/** @throws PlatformError REQUEST_INVALID when the token is not one of ours. */
const generationOf = (token: string | undefined): number | undefined => {
  if (token === undefined) return undefined;
  try {
    const generation = Number(atob(token));
    if (Number.isSafeInteger(generation) && generation > 0) return generation;
  } catch {
    /* answered below, as any other token that is not ours */
  }
  throw new PlatformError('REQUEST_INVALID', 'pageToken is not one of this list.');
};
