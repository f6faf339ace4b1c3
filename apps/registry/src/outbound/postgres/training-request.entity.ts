import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { TrainingRequestView } from '#contracts';
import { moment, text } from './column-types.js';

@Entity({ name: 'training_requests' })
export class TrainingRequestEntity {
  @PrimaryColumn({ name: 'id', type: 'uuid' })
  id!: string;
  @Column(text('model'))
  model!: string;
  @Column(text('recipe', { default: '' }))
  recipe!: string;
  @Column(text('preset', { nullable: true }))
  preset!: string | null;
  @Column({ name: 'priority', type: 'integer', default: 0 })
  priority!: number;
  @Column({ name: 'parameters', type: 'jsonb', default: {} })
  /** Any JSON object; typed loosely, since TypeORM's types unfold a recursive one without end. */
  parameters!: object;
  @Column(text('source', { default: '' }))
  source!: string;
  @Column(text('state'))
  state!: TrainingRequestView['state'];
  @Column({ name: 'attempt', type: 'integer', default: 0 })
  attempt!: number;
  @Column(text('message', { default: '' }))
  message!: string;
  @Column({ name: 'progress', type: 'jsonb', nullable: true })
  progress!: TrainingRequestView['progress'];
  @Column(text('run_id', { nullable: true }))
  runId!: string | null;
  @Column({ name: 'version', type: 'integer', nullable: true })
  version!: number | null;
  @Column({ name: 'metrics', type: 'jsonb', default: {} })
  metrics!: Record<string, number>;
  @Column({ name: 'error', type: 'jsonb', nullable: true })
  error!: TrainingRequestView['error'];
  @Column(moment('requested_at'))
  requestedAt!: string;
  @Column(moment('ended_at', { nullable: true }))
  endedAt!: string | null;
}
