import { Column, Entity, PrimaryColumn, PrimaryGeneratedColumn } from 'typeorm';
import type { Lifecycle } from '../../core/experiments.js';
import { bigint, key, text } from './column-types.js';

@Entity({ name: 'experiments' })
export class ExperimentEntity {
  @PrimaryGeneratedColumn('identity', {
    name: 'experiment_id',
    type: 'bigint',
    generatedIdentity: 'BY DEFAULT',
    primaryKeyConstraintName: 'experiments_pk',
  })
  id!: string;
  @Column(text('name'))
  name!: string;
  @Column(text('artifact_location'))
  artifactLocation!: string;
  @Column(text('lifecycle_stage', { default: 'active' }))
  lifecycle!: Lifecycle;
  @Column(bigint('creation_time'))
  createdMs!: number;
  @Column(bigint('last_update_time'))
  updatedMs!: number;
}

@Entity({ name: 'experiment_tags' })
export class ExperimentTagEntity {
  @PrimaryColumn({ name: 'experiment_id', type: 'bigint' })
  experimentId!: string;
  @PrimaryColumn(key('key'))
  key!: string;
  @Column(text('value'))
  value!: string;
}
