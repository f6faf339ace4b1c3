import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { PromotionPolicy, PromotionView } from '#contracts';
import type { PolicyDecision, PromotionCause } from '../../core/promotions.js';
import { bigint, key, keyNumber, moment, text } from './column-types.js';

@Entity({ name: 'promotion_pointers' })
export class PromotionPointerEntity {
  @PrimaryColumn(key('name'))
  name!: string;
  @Column({ name: 'version', type: 'integer', nullable: true })
  version!: number | null;
  @Column(bigint('generation', { default: 0 }))
  generation!: number;
  @Column({ name: 'last_version', type: 'integer', default: 0 })
  lastVersion!: number;
  @Column(moment('first_promoted_at', { nullable: true }))
  firstPromotedAt!: string | null;
  @Column({ name: 'pending_version', type: 'integer', nullable: true })
  pendingVersion!: number | null;
  @Column(moment('pending_since', { nullable: true }))
  pendingSince!: string | null;
  @Column(text('pending_cause', { nullable: true }))
  pendingCause!: PromotionCause | null;
  @Column(text('pending_by', { nullable: true }))
  pendingBy!: string | null;
  @Column(text('pending_reason', { nullable: true }))
  pendingReason!: string | null;
}

@Entity({ name: 'promotions' })
export class PromotionEntity {
  @PrimaryColumn(key('name'))
  name!: string;
  @PrimaryColumn(keyNumber('generation'))
  generation!: number;
  @Column({ name: 'version', type: 'integer', nullable: true })
  version!: number | null;
  @Column({ name: 'previous_version', type: 'integer', nullable: true })
  previousVersion!: number | null;
  @Column(text('cause'))
  cause!: PromotionView['cause'];
  @Column(text('promoted_by'))
  promotedBy!: string;
  @Column(text('reason'))
  reason!: string;
  @Column(moment('promoted_at'))
  promotedAt!: string;
}

@Entity({ name: 'promotion_policies' })
export class PromotionPolicyEntity {
  @PrimaryColumn(key('name'))
  name!: string;
  @Column({ name: 'policy', type: 'jsonb' })
  policy!: PromotionPolicy;
  @Column(moment('updated_at'))
  updatedAt!: string;
}

@Entity({ name: 'policy_decisions' })
export class PolicyDecisionEntity {
  @PrimaryColumn(key('name'))
  name!: string;
  @PrimaryColumn({ name: 'version', type: 'integer' })
  version!: number;
  @PrimaryColumn(key('event_id'))
  eventId!: string;
  @Column({ name: 'promoted', type: 'boolean' })
  promoted!: boolean;
  @Column(text('outcome'))
  outcome!: PolicyDecision['outcome'];
  @Column(text('reason'))
  reason!: string;
  @Column(moment('decided_at'))
  decidedAt!: string;
}
