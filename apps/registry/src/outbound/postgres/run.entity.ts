import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Lifecycle } from '../../core/experiments.js';
import type { Int64 } from '../../core/int64.js';
import type { Tag } from '../../core/paging.js';
import type { RunStatus } from '../../core/runs.js';
import { bigint, key, text } from './column-types.js';

@Entity({ name: 'runs' })
export class RunEntity {
  @PrimaryColumn(key('run_id'))
  runId!: string;
  @Column({ name: 'experiment_id', type: 'bigint' })
  experimentId!: string;
  @Column(text('name'))
  runName!: string;
  @Column(text('user_id', { default: '' }))
  userId!: string;
  @Column(text('status', { default: 'RUNNING' }))
  status!: RunStatus;
  @Column(bigint('start_time'))
  startMs!: Int64;
  @Column(bigint('end_time', { nullable: true }))
  endMs!: Int64 | null;
  @Column(text('lifecycle_stage', { default: 'active' }))
  lifecycle!: Lifecycle;
  @Column(text('artifact_uri'))
  artifactUri!: string;
  @Column(text('request_id', { nullable: true }))
  requestId!: string | null;
}

@Entity({ name: 'run_tags' })
export class RunTagEntity {
  @PrimaryColumn(key('run_id'))
  runId!: string;
  @PrimaryColumn(key('key'))
  key!: string;
  @Column(text('value'))
  value!: string;
}

@Entity({ name: 'run_params' })
export class RunParamEntity {
  @PrimaryColumn(key('run_id'))
  runId!: string;
  @PrimaryColumn(key('key'))
  key!: string;
  @Column(text('value'))
  value!: string;
}

@Entity({ name: 'run_latest_metrics' })
export class RunLatestMetricEntity {
  @PrimaryColumn(key('run_id'))
  runId!: string;
  @PrimaryColumn(key('key'))
  key!: string;
  @Column({ name: 'value', type: 'double precision' })
  value!: number;
  @Column(bigint('timestamp'))
  timestampMs!: Int64;
  @Column(bigint('step'))
  step!: Int64;
}

@Entity({ name: 'run_dataset_inputs' })
export class RunDatasetInputEntity {
  @PrimaryColumn(key('run_id'))
  runId!: string;
  @PrimaryColumn(key('name'))
  name!: string;
  @PrimaryColumn(key('digest'))
  digest!: string;
  @Column(text('source_type'))
  sourceType!: string;
  @Column(text('source'))
  source!: string;
  @Column(text('schema', { nullable: true }))
  schema!: string | null;
  @Column(text('profile', { nullable: true }))
  profile!: string | null;
  @Column({ name: 'tags', type: 'jsonb', default: [] })
  tags!: Tag[];
}

@Entity({ name: 'run_model_inputs' })
export class RunModelInputEntity {
  @PrimaryColumn(key('run_id'))
  runId!: string;
  @PrimaryColumn(key('model_id'))
  modelId!: string;
}

@Entity({ name: 'run_model_outputs' })
export class RunModelOutputEntity {
  @PrimaryColumn(key('run_id'))
  runId!: string;
  @PrimaryColumn(key('model_id'))
  modelId!: string;
  @Column(bigint('step', { default: 0 }))
  step!: Int64;
}
