import { Controller, Delete, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import type { z } from 'zod';
import { postPromotion, postRollback, type ModelPromoted, type PromotionView } from '#contracts';
import { PlatformError } from '#runtime';
import { PromoteModel } from '../../core/promote-model.js';
import { Promotions } from '../../core/promotions.js';
import { RegisteredModels } from '../../core/registered-models.js';
import { RetireModel } from '../../core/retire-model.js';
import { RollBackModel } from '../../core/roll-back-model.js';
import { ContractBody, countIn } from './body.js';

/** Promotion by hand. `promotedBy` is `api` until the API knows who calls it. */
@Controller('api/v1/models/:name')
export class PromotionsController {
  constructor(
    @Inject(PromoteModel) private readonly promote: PromoteModel,
    @Inject(RollBackModel) private readonly rollBack: RollBackModel,
    @Inject(RetireModel) private readonly retire: RetireModel,
    @Inject(Promotions) private readonly promotions: Promotions,
    @Inject(RegisteredModels) private readonly models: RegisteredModels,
  ) {}

  @Post('promotions')
  @HttpCode(201)
  async post(
    @Param('name') model: string,
    @ContractBody(postPromotion) { version, reason }: z.infer<typeof postPromotion>,
  ): Promise<PromotionView> {
    return viewOf(await this.promote.execute({ model, version, reason, cause: 'request', promotedBy: 'api' }));
  }

  @Get('promotions')
  async list(@Param('name') model: string, @Query('limit') limit?: string): Promise<{ promotions: PromotionView[] }> {
    const promotions = await this.promotions.history(model, countIn(limit, 'limit', 100, 10_000));
    // The history outlives the model; only a name that never was anything is unknown.
    if (promotions.length === 0) await this.models.get(model);
    return { promotions };
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
    return { model, generation: await this.retire.execute({ model, reason, retiredBy: 'api' }) };
  }
}

const viewOf = (promoted: ModelPromoted | undefined): PromotionView => {
  // Only stage and alias may leave the pointer where it is.
  if (promoted === undefined) throw new PlatformError('INTERNAL');
  const { model, version, previousVersion, generation, cause, promotedBy, reason, promotedAt } = promoted;
  return { model, version, previousVersion, generation, cause, promotedBy, reason, promotedAt };
};
