import { Column, Entity, PrimaryColumn } from 'typeorm';
import { bigint, key, text } from './column-types.js';

@Entity({ name: 'registered_models' })
export class RegisteredModelEntity {
  @PrimaryColumn(key('name'))
  name!: string;
  @Column(text('description', { nullable: true }))
  description!: string | null;
  @Column(bigint('creation_time'))
  createdMs!: number;
  @Column(bigint('last_update_time'))
  updatedMs!: number;
}

@Entity({ name: 'registered_model_tags' })
export class RegisteredModelTagEntity {
  @PrimaryColumn(key('name'))
  name!: string;
  @PrimaryColumn(key('key'))
  key!: string;
  @Column(text('value'))
  value!: string;
}

@Entity({ name: 'model_aliases' })
export class ModelAliasEntity {
  @PrimaryColumn(key('name'))
  name!: string;
  @PrimaryColumn(key('alias'))
  alias!: string;
  @Column({ name: 'version', type: 'integer' })
  version!: number;
}
