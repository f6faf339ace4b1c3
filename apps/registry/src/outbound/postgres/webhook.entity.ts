import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { WebhookEvent, WebhookStatus } from '#contracts';
import { bigint, text } from './column-types.js';

@Entity({ name: 'webhooks' })
export class WebhookEntity {
  @PrimaryColumn({ name: 'id', type: 'uuid' })
  id!: string;
  @Column(text('name'))
  name!: string;
  @Column(text('description', { nullable: true }))
  description!: string | null;
  @Column(text('url'))
  url!: string;
  @Column({ name: 'events', type: 'text', array: true })
  events!: WebhookEvent[];
  @Column(text('status', { default: 'ACTIVE' }))
  status!: WebhookStatus;
  @Column(text('sealed_secret', { nullable: true }))
  sealedSecret!: string | null;
  @Column(bigint('creation_time'))
  createdMs!: number;
  @Column(bigint('last_update_time'))
  updatedMs!: number;
}
