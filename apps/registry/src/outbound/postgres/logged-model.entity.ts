import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Lifecycle } from '../../core/experiments.js';
import type { LoggedModelStatus } from '../../core/logged-models.js';
import { bigint, key, text } from './column-types.js';

@Entity({ name: 'logged_models' })
export class LoggedModelEntity {
  @PrimaryColumn(key('model_id'))
  modelId!: string;
  @Column({ name: 'experiment_id', type: 'bigint' })
  experimentId!: string;
  @Column(text('name'))
  name!: string;
  @Column(text('status', { default: 'LOGGED_MODEL_PENDING' }))
  status!: LoggedModelStatus;
  @Column(text('status_message', { nullable: true }))
  statusMessage!: string | null;
  @Column(text('model_type', { nullable: true }))
  modelType!: string | null;
  @Column(text('source_run_id', { nullable: true }))
  sourceRunId!: string | null;
  @Column(text('artifact_uri'))
  artifactUri!: string;
  @Column(bigint('creation_time'))
  createdMs!: number;
  @Column(bigint('last_update_time'))
  updatedMs!: number;
  @Column(text('lifecycle_stage', { default: 'active' }))
  lifecycle!: Lifecycle;
}

@Entity({ name: 'logged_model_tags' })
export class LoggedModelTagEntity {
  @PrimaryColumn(key('model_id'))
  modelId!: string;
  @PrimaryColumn(key('key'))
  key!: string;
  @Column(text('value'))
  value!: string;
}

@Entity({ name: 'logged_model_params' })
export class LoggedModelParamEntity {
  @PrimaryColumn(key('model_id'))
  modelId!: string;
  @PrimaryColumn(key('key'))
  key!: string;
  @Column(text('value'))
  value!: string;
}
