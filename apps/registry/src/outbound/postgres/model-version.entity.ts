import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { ModelSignature } from '#contracts';
import type { ModelVersion, Stage } from '../../core/registered-models.js';
import { bigint, key, text } from './column-types.js';

@Entity({ name: 'model_versions' })
export class ModelVersionEntity {
  @PrimaryColumn(key('name'))
  name!: string;
  @PrimaryColumn({ name: 'version', type: 'integer' })
  version!: number;
  @Column(bigint('creation_time'))
  createdMs!: number;
  @Column(bigint('last_update_time'))
  updatedMs!: number;
  @Column(text('description', { nullable: true }))
  description!: string | null;
  @Column(text('current_stage', { default: 'None' }))
  stage!: Stage;
  @Column(text('status', { default: 'READY' }))
  status!: ModelVersion['status'];
  @Column(text('status_message', { nullable: true }))
  statusMessage!: string | null;
  @Column(text('source'))
  source!: string;
  @Column(text('storage_location'))
  storageLocation!: string;
  @Column(text('run_id', { nullable: true }))
  runId!: string | null;
  @Column(text('run_link', { nullable: true }))
  runLink!: string | null;
  @Column(text('model_id', { nullable: true }))
  modelId!: string | null;
  @Column(text('origin', { default: 'client' }))
  origin!: ModelVersion['origin'];
  @Column(text('request_id', { nullable: true }))
  requestId!: string | null;
  @Column(text('promote', { default: 'policy' }))
  promote!: ModelVersion['promote'];
  @Column(text('artifact_sha256', { nullable: true }))
  artifactSha256!: string | null;
  @Column(bigint('artifact_size', { nullable: true }))
  artifactSize!: number | null;
  @Column({ name: 'signature', type: 'jsonb', nullable: true })
  signature!: ModelSignature | null;
  /** JSON as text: `jsonb` forgets the order of keys, and some models go by it. */
  @Column(text('input_example', { nullable: true }))
  inputExample!: string | null;
  @Column(text('not_servable_reason', { nullable: true }))
  notServableReason!: string | null;
}

@Entity({ name: 'model_version_tags' })
export class ModelVersionTagEntity {
  @PrimaryColumn(key('name'))
  name!: string;
  @PrimaryColumn({ name: 'version', type: 'integer' })
  version!: number;
  @PrimaryColumn(key('key'))
  key!: string;
  @Column(text('value'))
  value!: string;
}
