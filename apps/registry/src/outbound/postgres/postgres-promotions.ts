import type { PromotionPolicy, PromotionView } from '#contracts';
import { PromotionPolicies, Promotions, type Pointer, type PolicyDecision } from '../../core/promotions.js';
import {
  PolicyDecisionEntity,
  PromotionEntity,
  PromotionPointerEntity,
  PromotionPolicyEntity,
} from './promotion.entity.js';
import type { RegistryDatabase } from './registry-database.js';

export class PostgresPromotions extends Promotions {
  constructor(private readonly database: RegistryDatabase) {
    super();
  }

  async lock(name: string): Promise<Pointer> {
    await this.database.query('insert into registry.promotion_pointers (name) values ($1) on conflict do nothing', [
      name,
    ]);
    return this.database.guarded(() =>
      this.pointers().findOneOrFail({ where: { name }, lock: { mode: 'pessimistic_write' } }),
    );
  }

  async find(name: string): Promise<Pointer | undefined> {
    return (await this.database.guarded(() => this.pointers().findOneBy({ name }))) ?? undefined;
  }

  async record(line: PromotionView): Promise<void> {
    const { model: name, version, previousVersion, generation, cause, promotedBy, reason, promotedAt } = line;
    await this.database.query(
      `update registry.promotion_pointers set version = $2::integer, generation = $3,
         first_promoted_at = case when $2::integer is null then first_promoted_at else coalesce(first_promoted_at, $4) end
       where name = $1`,
      [name, version, generation, promotedAt],
    );
    await this.database.guarded(() =>
      this.database
        .repository(PromotionEntity)
        .insert({ name, version, previousVersion, generation, cause, promotedBy, reason, promotedAt }),
    );
  }

  async history(name: string, limit?: number): Promise<PromotionView[]> {
    const rows = await this.database.guarded(() =>
      this.database.repository(PromotionEntity).find({ where: { name }, order: { generation: 'DESC' }, take: limit }),
    );
    return rows.map(({ name: model, ...line }) => ({ model, ...line }));
  }

  private pointers() {
    return this.database.repository(PromotionPointerEntity);
  }
}

export class PostgresPromotionPolicies extends PromotionPolicies {
  constructor(private readonly database: RegistryDatabase) {
    super();
  }

  async find(name: string): Promise<PromotionPolicy | undefined> {
    const found = await this.database.guarded(() =>
      this.database.repository(PromotionPolicyEntity).findOneBy({ name }),
    );
    return found?.policy;
  }

  async set(name: string, policy: PromotionPolicy, at: string): Promise<void> {
    await this.database.guarded(() =>
      this.database.repository(PromotionPolicyEntity).upsert({ name, policy, updatedAt: at }, ['name']),
    );
  }

  async findDecision(name: string, version: number, eventId: string): Promise<PolicyDecision | undefined> {
    const decisions = this.database.repository(PolicyDecisionEntity);
    return (await this.database.guarded(() => decisions.findOneBy({ name, version, eventId }))) ?? undefined;
  }

  decisions(name: string): Promise<PolicyDecision[]> {
    const decisions = this.database.repository(PolicyDecisionEntity);
    return this.database.guarded(() => decisions.find({ where: { name }, order: { decidedAt: 'DESC' } }));
  }

  async decided(decision: PolicyDecision): Promise<void> {
    await this.database.guarded(() => this.database.repository(PolicyDecisionEntity).insert(decision));
  }
}
