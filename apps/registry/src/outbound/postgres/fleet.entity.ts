import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { ModelDeployed } from '#contracts';
import { key, moment } from './column-types.js';

@Entity({ name: 'fleet' })
export class FleetEntity {
  @PrimaryColumn(key('predictor_id'))
  predictorId!: string;
  @PrimaryColumn(key('model'))
  model!: string;
  @Column({ name: 'said', type: 'jsonb' })
  said!: ModelDeployed;
  @Column(moment('said_at'))
  saidAt!: string;
}
