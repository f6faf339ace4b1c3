import { Controller, Get, Inject, Param, Put } from '@nestjs/common';
import { promotionPolicy, type PromotionPolicy, type PromotionPolicyView } from '#contracts';
import { Clock } from '#runtime';
import { checkedModelName } from '../../core/model-names.js';
import { PromotionPolicies } from '../../core/promotions.js';
import { ContractBody } from './body.js';

/** The promotion policy of one model name; it may be set before the model exists. */
@Controller('api/v1/models/:name/policy')
export class PoliciesController {
  constructor(
    @Inject(PromotionPolicies) private readonly policies: PromotionPolicies,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** Unset, the answer says what applies: `always` to versions of training requests, `manual` to those of clients. */
  @Get()
  async get(@Param('name') name: string): Promise<PromotionPolicyView> {
    const policy = await this.policies.find(checkedModelName(name));
    return policy === undefined
      ? { kind: 'default', trainingRequests: { kind: 'always' }, clients: { kind: 'manual' } }
      : policy;
  }

  @Put()
  async put(
    @Param('name') name: string,
    @ContractBody(promotionPolicy) policy: PromotionPolicy,
  ): Promise<PromotionPolicy> {
    await this.policies.set(checkedModelName(name), policy, this.clock.iso());
    return policy;
  }
}
