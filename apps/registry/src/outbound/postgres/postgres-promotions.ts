import { In, LessThan, LessThanOrEqual } from 'typeorm';
import { promotionPolicy, type PromotionPolicy, type PromotionView } from '#contracts';
import { PlatformError } from '#runtime';
import {
  PromotionPolicies,
  Promotions,
  type Labels,
  type PendingPromotion,
  type Pointer,
  type PolicyDecision,
  type Standing,
} from '../../core/promotions.js';
import { CHAMPION } from '../../core/registered-models.js';
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
    // Nearly always it is there: one statement, and none that writes.
    const held = await this.held(name);
    if (held !== undefined) return held;
    await this.database.query('insert into registry.promotion_pointers (name) values ($1) on conflict do nothing', [
      name,
    ]);
    const made = await this.held(name);
    if (made === undefined) throw new PlatformError('INTERNAL');
    return made;
  }

  async labels(name: string): Promise<Labels> {
    const [{ production, champion }] = await this.labelled([name]);
    return { production, champion };
  }

  async standings(names: readonly string[]): Promise<Map<string, Standing>> {
    const rows = await this.database.guarded(() => this.pointers().findBy({ name: In([...names]) }));
    const pointers = new Map(rows.map((row) => [row.name, pointerOf(row)]));
    const labelled = await this.labelled(names);
    return new Map(
      labelled.map(({ name, ...labels }) => {
        const { version = null, generation = 0, pending = null } = pointers.get(name) ?? {};
        return [name, { name, version, generation, pending, ...labels }];
      }),
    );
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
      this.lines().insert({ name, version, previousVersion, generation, cause, promotedBy, reason, promotedAt }),
    );
  }

  async setPending(name: string, pending: PendingPromotion | null): Promise<void> {
    const { version = null, since = null, cause = null, promotedBy = null, reason = null } = pending ?? {};
    await this.database.guarded(() =>
      this.pointers().update(
        { name },
        {
          pendingVersion: version,
          pendingSince: since,
          pendingCause: cause,
          pendingBy: promotedBy,
          pendingReason: reason,
        },
      ),
    );
  }

  async history(name: string, limit?: number, before?: number): Promise<PromotionView[]> {
    const where = { name, ...(before !== undefined && { generation: LessThan(before) }) };
    const rows = await this.database.guarded(() =>
      this.lines().find({ where, order: { generation: 'DESC' }, take: limit }),
    );
    return rows.map(lineOf);
  }

  async lineAt(name: string, at: string): Promise<PromotionView | undefined> {
    const where = { name, promotedAt: LessThanOrEqual(at) };
    const row = await this.database.guarded(() => this.lines().findOne({ where, order: { generation: 'DESC' } }));
    return row === null ? undefined : lineOf(row);
  }

  private async held(name: string): Promise<Pointer | undefined> {
    const row = await this.database.guarded(() =>
      this.pointers().findOne({ where: { name }, lock: { mode: 'pessimistic_write' } }),
    );
    return row === null ? undefined : pointerOf(row);
  }

  private labelled(names: readonly string[]): Promise<(Labels & { name: string; pendingWhy: string | null })[]> {
    return this.database.query(
      `select m.name,
         array(select v.version from registry.model_versions v
               where v.name = m.name and v.current_stage = 'Production' order by v.version) as production,
         (select a.version from registry.model_aliases a where a.name = m.name and a.alias = $2) as champion,
         (select v.not_servable_reason from registry.promotion_pointers p
          join registry.model_versions v on v.name = p.name and v.version = p.pending_version
          where p.name = m.name) as "pendingWhy"
       from unnest($1::text[]) as m (name)`,
      [names, CHAMPION],
    );
  }

  private pointers() {
    return this.database.repository(PromotionPointerEntity);
  }

  private lines() {
    return this.database.repository(PromotionEntity);
  }
}

const lineOf = ({ name: model, ...line }: PromotionEntity): PromotionView => ({ model, ...line });

const pointerOf = (row: PromotionPointerEntity): Pointer => {
  const { name, version, generation, firstPromotedAt, pendingVersion, pendingSince, pendingCause } = row;
  const pending =
    pendingVersion === null || pendingSince === null || pendingCause === null
      ? null
      : {
          version: pendingVersion,
          since: pendingSince,
          cause: pendingCause,
          promotedBy: row.pendingBy ?? '',
          reason: row.pendingReason ?? '',
        };
  return { name, version, generation, firstPromotedAt, pending };
};

export class PostgresPromotionPolicies extends PromotionPolicies {
  constructor(private readonly database: RegistryDatabase) {
    super();
  }

  async find(name: string): Promise<PromotionPolicy | undefined> {
    const found = await this.database.guarded(() =>
      this.database.repository(PromotionPolicyEntity).findOneBy({ name }),
    );
    // What was stored before a field came has its default.
    return found === null ? undefined : promotionPolicy.parse(found.policy);
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
