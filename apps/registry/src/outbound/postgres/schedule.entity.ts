import { Column, Entity, PrimaryColumn } from 'typeorm';
import { key, moment, text } from './column-types.js';

@Entity({ name: 'schedules' })
export class ScheduleEntity {
  @PrimaryColumn(key('model'))
  model!: string;
  @PrimaryColumn(key('name'))
  name!: string;
  @Column(text('cron'))
  cron!: string;
  @Column(text('time_zone'))
  timeZone!: string;
  @Column(text('preset', { nullable: true }))
  preset!: string | null;
  @Column({ name: 'priority', type: 'integer', default: 0 })
  priority!: number;
  @Column({ name: 'only_if_changed', type: 'boolean' })
  onlyIfChanged!: boolean;
  @Column({ name: 'paused', type: 'boolean' })
  paused!: boolean;
  @Column(moment('next_at', { nullable: true }))
  nextAt!: string | null;
  @Column(moment('last_at', { nullable: true }))
  lastAt!: string | null;
  @Column({ name: 'last_request_id', type: 'uuid', nullable: true })
  lastRequestId!: string | null;
}
