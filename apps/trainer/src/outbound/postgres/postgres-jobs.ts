import type { OutgoingRecord } from '#contracts';
import { LessThan, type DataSource, type EntityManager, type UpdateQueryBuilder } from 'typeorm';
import { CONVERTER } from '../../core/convert-model.js';
import { statesLeadingTo, type Checkpoint, type Job } from '../../core/job.js';
import { type Beat, type Ending, Jobs, type NewJob, type QueueDepth } from '../../core/jobs.js';
import { trainingCompletedRecord, type OutboxRow } from '../training-completed.relay.js';
import { CancellationEntity } from './cancellation.entity.js';
import { JobEntity } from './job.entity.js';
import { completedOf, jobOf } from './job-rows.js';
import type { TrainerDatabase } from './trainer-database.js';

const DAY_MS = 86_400_000;
/** A request that is cancelled before it comes, comes within the time that its topic keeps records. */
const CANCELLATION_KEPT_MS = 7 * DAY_MS;

/** Jobs in `trainer.jobs`. All times that decide are the database's, so that clocks of trainers may differ. */
export class PostgresJobs extends Jobs {
  constructor(
    private readonly database: TrainerDatabase,
    private readonly rowOf: (record: OutgoingRecord) => OutboxRow,
    private readonly onCompleted: () => void = () => undefined,
  ) {
    super();
  }

  async add(job: NewJob): Promise<'added' | 'known' | 'cancelled'> {
    const outcome = await this.transaction(async (db) => {
      await lockRequest(db, job.requestId);
      const inserted = await db
        .createQueryBuilder()
        .insert()
        .into(JobEntity)
        .values({ ...job, ...columnsOf(job), state: 'queued' })
        .orIgnore()
        .returning('request_id')
        .execute();
      if ((inserted.raw as unknown[]).length === 0) return 'known';
      const early = await db.findOneBy(CancellationEntity, { requestId: job.requestId });
      if (early === null) return 'added';
      await db.delete(CancellationEntity, { requestId: job.requestId });
      await this.end(db, { requestId: job.requestId }, cancellation(early.reason));
      return 'cancelled';
    });
    if (outcome === 'cancelled') this.onCompleted();
    return outcome;
  }

  async cancel(requestId: string, reason: string): Promise<void> {
    await this.transaction(async (db) => {
      await lockRequest(db, requestId);
      const job = await db.findOne(JobEntity, { where: { requestId }, lock: { mode: 'pessimistic_write' } });
      if (job === null) {
        await db.delete(CancellationEntity, { requestedAt: LessThan(new Date(Date.now() - CANCELLATION_KEPT_MS)) });
        await db.upsert(CancellationEntity, { requestId, reason }, ['requestId']);
      } else if (job.state === 'queued' && job.runId === null) {
        await this.end(db, { requestId }, cancellation(reason));
      } else {
        // Its run has to be marked, too: the holder of the lease does that, or the next one, at once.
        await db
          .createQueryBuilder()
          .update(JobEntity)
          .set({ cancelReason: reason, dueAt: () => 'now()' })
          .where('request_id = :requestId and ended_at is null', { requestId })
          .execute();
      }
    });
    this.onCompleted();
  }

  lease(owner: string, leaseMs: number, freeBytes?: number): Promise<Job | undefined> {
    return this.leased([owner, leaseMs, freeBytes ?? null, false]);
  }

  leaseCancelled(owner: string, leaseMs: number): Promise<Job | undefined> {
    return this.leased([owner, leaseMs, null, true]);
  }

  private leased(how: readonly unknown[]): Promise<Job | undefined> {
    return this.database.use(async (source) => {
      const [rows] = await source.query<[{ request_id: string; fence: number; lost: boolean }[], number]>(LEASE, [
        ...how,
      ]);
      if (rows.length === 0) return undefined;
      const [{ request_id: requestId, fence, lost }] = rows;
      const row = await source.getRepository(JobEntity).findOneBy({ requestId, fence });
      return row === null ? undefined : jobOf(row, lost);
    });
  }

  async beat(job: Job, leaseMs: number): Promise<Beat> {
    return this.database.use(async (source) => {
      const result = await held(source, job)
        .set({ leasedUntil: () => `now() + ${interval(leaseMs)}` })
        .returning('cancel_reason')
        .execute();
      const [row] = result.raw as { cancel_reason: string | null }[];
      if (result.affected !== 1) return { held: false };
      return { held: true, cancelReason: row.cancel_reason ?? undefined };
    });
  }

  async record(job: Job, done: Partial<Checkpoint>): Promise<boolean> {
    return this.database.use(async (source) => (await held(source, job).set(rowOf(done)).execute()).affected === 1);
  }

  async putBack(job: Job, why: 'failure' | 'wait' | 'release', delayMs: number): Promise<boolean> {
    return this.database.use(async (source) => {
      const result = await held(source, job)
        .set({
          state: why === 'release' ? 'queued' : 'retrying',
          leasedBy: null,
          leasedUntil: null,
          // At once when it was cancelled meanwhile; what is only left to be told waits as everything does.
          dueAt: () =>
            `now() + case when cancel_reason is null or verdict is not null then ${interval(delayMs)} else interval '0' end`,
          failures: job.failures + (why === 'failure' ? 1 : 0),
          waits: why === 'wait' ? job.waits + 1 : 0,
        })
        .execute();
      return result.affected === 1;
    });
  }

  async finish(job: Job, ending: Ending): Promise<boolean> {
    const done = await this.transaction((db) => this.end(db, { requestId: job.requestId, fence: job.fence }, ending));
    if (done) this.onCompleted();
    return done;
  }

  async depth(): Promise<QueueDepth> {
    return this.database.use(async (source) => {
      const rows = await source.query<{ state: keyof QueueDepth; jobs: string }[]>(
        `select state, count(*) as jobs from trainer.jobs where ended_at is null group by state`,
      );
      const depth: QueueDepth = { queued: 0, running: 0, retrying: 0 };
      for (const { state, jobs } of rows) depth[state] = Number(jobs);
      return depth;
    });
  }

  async lastFingerprint(model: string): Promise<string | undefined> {
    return this.database.use(async (source) => {
      const [last] = await source.query<{ fingerprint: string | null }[]>(
        `select fingerprint from trainer.jobs where model = $1 and ${IS_TRAINED} order by ended_at desc limit 1`,
        [model, CONVERTER],
      );
      return (last as typeof last | undefined)?.fingerprint ?? undefined;
    });
  }

  async prune(newsMs: number, jobsMs: number): Promise<number> {
    return this.database.use(async (source) => {
      const [, news] = await source.query<[unknown, number]>(
        `delete from trainer.outbox where published_at < now() - ${interval(newsMs)}`,
      );
      const [, jobs] = await source.query<[unknown, number]>(PRUNE, [jobsMs, CONVERTER]);
      return news + jobs;
    });
  }

  /** The end of a job and the news of it are one transaction. Without a fence: nobody holds the job. */
  private async end(
    db: EntityManager,
    { requestId, fence }: { requestId: string; fence?: number },
    { outcome, failure }: Ending,
  ): Promise<boolean> {
    const result = await db
      .createQueryBuilder()
      .update(JobEntity)
      .set({
        state: outcome,
        failure: failure ?? null,
        leasedBy: null,
        leasedUntil: null,
        endedAt: () => 'now()',
      })
      .where('request_id = :requestId', { requestId })
      .andWhere('state = any(:from)', { from: statesLeadingTo(outcome) })
      .andWhere(fence === undefined ? `state <> 'running'` : `state = 'running' and fence = :fence`, { fence })
      .execute();
    if (result.affected !== 1) return false;
    const row = await db.findOneByOrFail(JobEntity, { requestId });
    await insertOutboxRow(db, this.rowOf(trainingCompletedRecord(completedOf(row, outcome))));
    return true;
  }

  private transaction<T>(work: (db: EntityManager) => Promise<T>): Promise<T> {
    return this.database.use((source) => source.transaction(work));
  }
}

/** A job that made something of its model; $2 is the recipe that converts versions, which trains nothing. */
const IS_TRAINED = `state = 'succeeded' and coalesce(resolved, request) ->> 'recipe' is distinct from $2`;

const PRUNE = `
  delete from trainer.jobs where ended_at < now() - $1::bigint * interval '1 millisecond'
    and (model, ended_at) not in (select model, max(ended_at) from trainer.jobs where ${IS_TRAINED} group by model)`;

/**
 * One job that is due: by priority, then for the model with the fewest running, then for the model whose last turn is
 * longest past, then the longest waiting. A lease that ran out counts as a loss of its holder, and is taken up before others.
 * $3 is the memory that is free (null: any), $4 whether only what was cancelled is wanted.
 */
const LEASE = `
  with busy as (
    select model, count(*) as jobs from trainer.jobs where state = 'running' and leased_until >= now() group by model
  ), due as (
    select job.request_id, job.model, job.state = 'running' as lost
    from trainer.jobs job left join busy using (model) left join trainer.turns turn using (model)
    where ((job.state in ('queued', 'retrying') and job.due_at <= now())
        or (job.state = 'running' and job.leased_until < now()))
      and (job.cancel_reason is not null or not $4::boolean and ($3::bigint is null or (
        coalesce(job.memory_bytes, 0) <= $3 and not exists (
          select 1 from trainer.jobs large where large.state in ('queued', 'retrying') and large.memory_bytes > $3
            and large.priority >= job.priority and large.due_at < now() - interval '2 minutes'))))
    order by job.cancel_reason is null, job.priority desc, lost desc, coalesce(busy.jobs, 0), turn.leased_at nulls first, job.due_at
    limit 1 for update of job skip locked
  ), taken as (
    insert into trainer.turns (model, leased_at) select model, clock_timestamp() from due
    on conflict (model) do update set leased_at = excluded.leased_at
  )
  update trainer.jobs job set
    state = 'running',
    fence = job.fence + 1,
    losses = job.losses + due.lost::int,
    attempt = job.failures + job.losses + due.lost::int + 1,
    leased_by = $1,
    leased_until = now() + $2::int * interval '1 millisecond',
    started_at = coalesce(job.started_at, date_trunc('milliseconds', now()))
  from due where job.request_id = due.request_id
  returning job.request_id, job.fence, due.lost`;

const rowOf = ({ memoryBytes, ...done }: Partial<Checkpoint>) => ({
  ...done,
  ...(memoryBytes !== undefined && { memoryBytes: String(memoryBytes) }),
});

/** What the queue is ordered by. */
const columnsOf = ({ request: { model, priority = 0 }, memoryBytes }: NewJob) => ({
  model,
  priority,
  memoryBytes: memoryBytes === undefined ? null : String(memoryBytes),
});

/** The fence: nothing is written unless the lease is still the one that `job` was given under. */
const held = (source: DataSource, job: Job): UpdateQueryBuilder<JobEntity> =>
  source
    .createQueryBuilder()
    .update(JobEntity)
    .where(`request_id = :requestId and fence = :fence and state = 'running'`, {
      requestId: job.requestId,
      fence: job.fence,
    });

/** Request and cancellation meet here, whichever comes first. */
const lockRequest = (db: EntityManager, requestId: string): Promise<unknown> =>
  db.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`trainer:${requestId}`]);

const insertOutboxRow = (db: EntityManager, row: OutboxRow): Promise<unknown> =>
  db.query(
    `insert into trainer.outbox (id, aggregatetype, aggregateid, type, payload, headers) values ($1, $2, $3, $4, $5, $6)`,
    [row.id, row.aggregatetype, row.aggregateid, row.type, JSON.stringify(row.payload), JSON.stringify(row.headers)],
  );

const interval = (ms: number): string => `${String(Math.round(ms))} * interval '1 millisecond'`;

const cancellation = (reason: string): Ending => ({
  outcome: 'cancelled',
  failure: {
    code: 'TRAINING_CANCELLED',
    message: reason === '' ? 'The training was cancelled.' : `The training was cancelled: ${reason}`,
  },
});
