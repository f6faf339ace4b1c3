import { Column, Entity, PrimaryColumn } from 'typeorm';
import { bigint, key, keyNumber, text } from './column-types.js';

@Entity({ name: 'evaluation_datasets' })
export class EvaluationDatasetEntity {
  @PrimaryColumn(key('dataset_id'))
  datasetId!: string;
  @Column(text('name'))
  name!: string;
  @Column(text('digest'))
  digest!: string;
  @Column(text('schema', { nullable: true }))
  schema!: string | null;
  @Column(text('profile', { nullable: true }))
  profile!: string | null;
  @Column(bigint('created_time'))
  createdMs!: number;
  @Column(bigint('last_update_time'))
  updatedMs!: number;
  @Column(text('created_by', { nullable: true }))
  createdBy!: string | null;
  @Column(text('last_updated_by', { nullable: true }))
  updatedBy!: string | null;
}

@Entity({ name: 'evaluation_dataset_records' })
export class DatasetRecordEntity {
  @PrimaryColumn(key('dataset_id'))
  datasetId!: string;
  @PrimaryColumn(keyNumber('created_time'))
  createdMs!: number;
  @PrimaryColumn(key('dataset_record_id'))
  recordId!: string;
  @Column(text('input_hash'))
  inputHash!: string;
  @Column(text('inputs'))
  inputs!: string;
  @Column(text('outputs', { nullable: true }))
  outputs!: string | null;
  @Column(text('expectations', { nullable: true }))
  expectations!: string | null;
  @Column(text('tags'))
  tags!: string;
  @Column(text('source', { nullable: true }))
  source!: string | null;
  @Column(text('source_id', { nullable: true }))
  sourceId!: string | null;
  @Column(text('source_type', { nullable: true }))
  sourceType!: string | null;
  @Column(bigint('last_update_time'))
  updatedMs!: number;
  @Column(text('created_by', { nullable: true }))
  createdBy!: string | null;
  @Column(text('last_updated_by', { nullable: true }))
  updatedBy!: string | null;
}
