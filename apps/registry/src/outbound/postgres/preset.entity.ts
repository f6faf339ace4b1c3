import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { DatasetRequest } from '#contracts';
import { key, moment, text } from './column-types.js';

@Entity({ name: 'presets' })
export class PresetEntity {
  @PrimaryColumn(key('model'))
  model!: string;
  @PrimaryColumn(key('name'))
  name!: string;
  @Column(text('recipe'))
  recipe!: string;
  @Column({ name: 'parameters', type: 'jsonb' })
  /** Any JSON object; typed loosely, since TypeORM's types unfold a recursive one without end. */
  parameters!: object;
  @Column({ name: 'dataset', type: 'jsonb', nullable: true })
  dataset!: DatasetRequest | null;
  @Column({ name: 'is_current', type: 'boolean' })
  current!: boolean;
  @Column(moment('updated_at'))
  updatedAt!: string;
}
