import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { Failure, JobState, Verdict } from '../../core/job.js';

/** One training request and how far it has come. `fence` guards every write of a leaseholder. */
@Entity({ schema: 'trainer', name: 'jobs' })
@Index('jobs_due', ['dueAt'], { where: `state in ('queued', 'retrying')` })
@Index('jobs_trained', ['model', 'endedAt'], { where: `state = 'succeeded'` })
@Index('jobs_leased', ['leasedUntil'], { where: `state = 'running'` })
export class JobEntity {
  @PrimaryColumn({ name: 'request_id', type: 'uuid', primaryKeyConstraintName: 'jobs_pkey' })
  requestId!: string;

  /** CloudEvents identity of the request. */
  @Column({ type: 'text' })
  source!: string;

  @Column({ name: 'event_id', type: 'text' })
  eventId!: string;

  @Column({ type: 'text' })
  model!: string;

  @Column({ type: 'jsonb' })
  request!: object;

  @Column({ type: 'jsonb', nullable: true })
  resolved!: object | null;

  @Column({ type: 'int', default: 0 })
  priority!: number;

  /** bigint arrives as text. */
  @Column({ name: 'memory_bytes', type: 'bigint', nullable: true })
  memoryBytes!: string | null;

  @Column({ type: 'text' })
  state!: JobState;

  @Column({ type: 'int', default: 0 })
  attempt!: number;

  @Column({ type: 'int', default: 0 })
  failures!: number;

  @Column({ type: 'int', default: 0 })
  losses!: number;

  @Column({ type: 'int', default: 0 })
  waits!: number;

  @Column({ type: 'int', default: 0 })
  fence!: number;

  @Column({ name: 'due_at', type: 'timestamptz', default: () => 'now()' })
  dueAt!: Date;

  @Column({ name: 'leased_by', type: 'text', nullable: true })
  leasedBy!: string | null;

  @Column({ name: 'leased_until', type: 'timestamptz', nullable: true })
  leasedUntil!: Date | null;

  @Column({ name: 'cancel_reason', type: 'text', nullable: true })
  cancelReason!: string | null;

  @Column({ name: 'run_id', type: 'text', nullable: true })
  runId!: string | null;

  @Column({ name: 'logged_model_id', type: 'text', nullable: true })
  loggedModelId!: string | null;

  @Column({ type: 'jsonb', nullable: true })
  metrics!: Record<string, number> | null;

  @Column({ type: 'text', nullable: true })
  fingerprint!: string | null;

  @Column({ type: 'int', nullable: true })
  version!: number | null;

  @Column({ type: 'jsonb', nullable: true })
  verdict!: Verdict | null;

  @Column({ type: 'jsonb', nullable: true })
  failure!: Failure | null;

  @Column({ name: 'requested_at', type: 'timestamptz' })
  requestedAt!: Date;

  @Column({ name: 'started_at', type: 'timestamptz', nullable: true })
  startedAt!: Date | null;

  @Column({ name: 'ended_at', type: 'timestamptz', nullable: true })
  endedAt!: Date | null;
}
