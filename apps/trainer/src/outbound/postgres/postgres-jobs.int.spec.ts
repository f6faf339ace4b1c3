import pg from 'pg';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { outboxDdl, outboxRowOf } from '#messaging/postgres';
import { SilentLogger } from '#runtime';
import { eventually, freshDatabase, services } from '#testing';
import type { Job } from '../../core/job.js';
import type { NewJob } from '../../core/jobs.js';
import { PostgresJobs } from './postgres-jobs.js';
import { TrainerDatabase } from './trainer-database.js';
import { jobs, sql, startJobsDatabase } from './jobs-database.behaviour.js';

describe.skipIf(services().postgres === undefined)('jobs in Postgres', () => {
  startJobsDatabase();

  const request = (over: Partial<NewJob> = {}): NewJob => ({
    requestId: randomUUID(),
    source: '/test',
    eventId: '1',
    request: { model: 'M', recipe: 'random-forest', parameters: {}, promote: 'policy', register: true, tags: {} },
    requestedAt: new Date('2026-01-01T00:00:00Z'),
    ...over,
  });
  const outbox = async () =>
    (
      await sql.query<{ id: string; aggregateid: string; payload: object }>(
        'select * from trainer.outbox order by position',
      )
    ).rows;
  const row = async (requestId: string) =>
    (await sql.query<Record<string, unknown>>('select * from trainer.jobs where request_id = $1', [requestId])).rows[0];
  const leased = async (owner = 'a', leaseMs = 60_000): Promise<Job> => {
    const job = await jobs.lease(owner, leaseMs);
    if (job === undefined) throw new Error('nothing to lease');
    return job;
  };
  const runOutOfTime = (job: Job) =>
    sql.query(`update trainer.jobs set leased_until = now() - interval '1 s' where request_id = $1`, [job.requestId]);

  it('stores a request once, however often and however close together it comes', async () => {
    const job = request();
    const outcomes = await Promise.all([1, 2, 3, 4].map(() => jobs.add(job)));
    expect(outcomes.sort()).toEqual(['added', 'known', 'known', 'known']);
    expect((await sql.query('select 1 from trainer.jobs')).rowCount).toBe(1);
  });

  it('stays known when it is over', async () => {
    const job = request();
    await jobs.add(job);
    await jobs.finish(await leased(), { outcome: 'succeeded' });
    expect(await jobs.add(job)).toBe('known');
    expect(await jobs.lease('a', 1000)).toBeUndefined();
  });

  it('gives each job to one trainer', async () => {
    await Promise.all([1, 2, 3].map(() => jobs.add(request())));
    const given = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((owner) => jobs.lease(owner, 60_000)));
    const ids = given.flatMap((job) => (job === undefined ? [] : [job.requestId]));
    expect(ids).toHaveLength(3);
    expect(new Set(ids).size).toBe(3);
  });

  it('passes a job on when its lease ran out, and lets the one before write nothing', async () => {
    await jobs.add(request());
    const first = await leased('a');
    expect(first).toMatchObject({ attempt: 1, fence: 1, takenOver: false, state: 'running' });
    await jobs.record(first, { runId: 'run-1' });
    expect(await jobs.lease('b', 60_000)).toBeUndefined();
    await runOutOfTime(first);
    const second = await leased('b');
    expect(second).toMatchObject({ attempt: 2, fence: 2, losses: 1, takenOver: true, checkpoint: { runId: 'run-1' } });
    expect(second.startedAt).toEqual(first.startedAt);

    expect(await jobs.beat(first, 60_000)).toEqual({ held: false });
    expect(await jobs.record(first, { version: 9 })).toBe(false);
    expect(await jobs.putBack(first, 'failure', 0)).toBe(false);
    expect(await jobs.finish(first, { outcome: 'failed' })).toBe(false);
    expect(await row(first.requestId)).toMatchObject({ state: 'running', version: null, failures: 0 });
    expect(await outbox()).toHaveLength(0);

    expect(await jobs.finish(second, { outcome: 'succeeded' })).toBe(true);
    expect(await outbox()).toHaveLength(1);
  });

  it('keeps a lease alive by its beat', async () => {
    await jobs.add(request());
    const job = await leased();
    await runOutOfTime(job);
    expect(await jobs.beat(job, 60_000)).toEqual({ held: true, cancelReason: undefined });
    expect(await jobs.lease('b', 60_000)).toBeUndefined();
  });

  it('tells the end once, in the transaction that ends the job', async () => {
    const added = request();
    await jobs.add(added);
    const job = await leased();
    await jobs.record(job, { runId: 'r', loggedModelId: 'm-1', metrics: { accuracy: 0.5 } });
    await jobs.record(job, { version: 3 });
    expect(await jobs.finish(job, { outcome: 'succeeded' })).toBe(true);
    expect(await jobs.finish(job, { outcome: 'failed' })).toBe(false);
    const [told, ...more] = await outbox();
    expect(more).toHaveLength(0);
    expect(told).toMatchObject({
      aggregatetype: 'training.completed',
      aggregateid: 'M',
      payload: {
        requestId: added.requestId,
        outcome: 'succeeded',
        attempts: 1,
        runId: 'r',
        version: 3,
        metrics: { accuracy: 0.5 },
      },
    });
  });

  it('counts failures as attempts, and waits not', async () => {
    await jobs.add(request());
    await jobs.putBack(await leased(), 'wait', 0);
    await jobs.putBack(await leased(), 'wait', 0);
    const third = await leased();
    expect(third).toMatchObject({ attempt: 1, failures: 0, waits: 2, fence: 3 });
    await jobs.putBack(third, 'failure', 0);
    expect(await leased()).toMatchObject({ attempt: 2, failures: 1, waits: 0, fence: 4 });
  });

  it('does not lease before a retry is due', async () => {
    await jobs.add(request());
    const job = await leased();
    await jobs.putBack(job, 'failure', 3_600_000);
    expect(await row(job.requestId)).toMatchObject({ state: 'retrying', leased_by: null });
    expect(await jobs.lease('a', 1000)).toBeUndefined();
  });

  it('ends a queued job that is cancelled, at once', async () => {
    const job = request();
    await jobs.add(job);
    await jobs.cancel(job.requestId, 'too dear');
    expect(await row(job.requestId)).toMatchObject({ state: 'cancelled', failure: { code: 'TRAINING_CANCELLED' } });
    expect(await outbox()).toMatchObject([
      { payload: { outcome: 'cancelled', attempts: 0, error: { message: 'The training was cancelled: too dear' } } },
    ]);
    expect(await jobs.lease('a', 1000)).toBeUndefined();
  });

  it('remembers a cancellation that comes before its request', async () => {
    const job = request();
    await jobs.cancel(job.requestId, 'never mind');
    await jobs.cancel(job.requestId, 'never mind');
    expect(await jobs.add(job)).toBe('cancelled');
    expect(await jobs.add(job)).toBe('known');
    expect(await outbox()).toMatchObject([{ payload: { outcome: 'cancelled' } }]);
  });

  it.each([1, 2, 3])('loses neither when request and cancellation come together (%i)', async () => {
    const job = request();
    await Promise.all([jobs.add(job), jobs.cancel(job.requestId, '')]);
    expect(await row(job.requestId)).toMatchObject({ state: 'cancelled' });
    expect(await outbox()).toHaveLength(1);
  });

  it('tells the holder of a running job, and makes a waiting one due, so that its run is marked', async () => {
    await jobs.add(request());
    const job = await leased();
    await jobs.record(job, { runId: 'r' });
    await jobs.cancel(job.requestId, 'stop');
    expect(await jobs.beat(job, 1000)).toEqual({ held: true, cancelReason: 'stop' });
    await jobs.putBack(job, 'failure', 3_600_000);
    expect(await leased()).toMatchObject({ cancelReason: 'stop', checkpoint: { runId: 'r' } });
  });

  it('leaves a job that is over as it is', async () => {
    const job = request();
    await jobs.add(job);
    await jobs.finish(await leased(), { outcome: 'succeeded' });
    await jobs.cancel(job.requestId, 'late');
    expect(await row(job.requestId)).toMatchObject({ state: 'succeeded', cancel_reason: null });
    expect(await outbox()).toHaveLength(1);
  });

  it('counts the queue', async () => {
    await Promise.all([1, 2, 3].map(() => jobs.add(request())));
    await leased();
    expect(await jobs.depth()).toEqual({ queued: 2, running: 1, retrying: 0 });
  });

  it('has the outbox that the relay drains', async () => {
    const columns = async (schema: string) =>
      (
        await sql.query<object>(
          `select column_name, data_type, is_nullable, column_default, is_identity from information_schema.columns
           where table_schema = $1 and table_name = 'outbox' order by ordinal_position`,
          [schema],
        )
      ).rows;
    await sql.query('create schema wanted');
    await sql.query(outboxDdl('wanted'));
    expect(await columns('trainer')).toEqual(await columns('wanted'));
  });

  it('is migrated once by trainers that start together', async () => {
    const other = await freshDatabase();
    const databases = [1, 2, 3].map(() => new TrainerDatabase(other.url, new SilentLogger()));
    await Promise.all(databases.map((each) => each.use(() => Promise.resolve())));
    expect(await Promise.all(databases.map((each) => each.answers()))).not.toContain(false);
    await Promise.all(databases.map((each) => each.close()));
    await other.drop();
  });
});

describe.skipIf(services().postgres === undefined)('what the database says', () => {
  let db: Awaited<ReturnType<typeof freshDatabase>>;
  let database: TrainerDatabase;
  beforeAll(async () => {
    db = await freshDatabase();
    database = new TrainerDatabase(db.url, new SilentLogger());
    await database.use(() => Promise.resolve());
  });
  afterAll(async () => {
    await database.close();
    await db.drop();
  });

  it('is that a value cannot be stored: no wait cures it', async () => {
    const jobs = new PostgresJobs(database, outboxRowOf);
    await expect(jobs.cancel(randomUUID(), 'a\u0000b')).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
  });

  it('is that it is away, also to those who use a transaction that broke', async () => {
    const broken = database.use((source) =>
      source.transaction(async (db) => {
        await db.query('select pg_terminate_backend(pg_backend_pid())').catch(() => undefined);
        await db.query('select 1');
      }),
    );
    await expect(broken).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
  });

  it('is nothing once it is gone, and heard again when it is back', async () => {
    const name = new URL(db.url).pathname.slice(1);
    const other = new URL(db.url);
    other.pathname = '/postgres';
    const sql = new pg.Client({ connectionString: other.href });
    await sql.connect();
    try {
      expect(await database.answers()).toBe(true);
      await sql.query(`alter database "${name}" allow_connections false`);
      await sql.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [name]);
      await eventually(async () => {
        expect(await database.answers()).toBe(false);
      });
    } finally {
      await sql.query(`alter database "${name}" allow_connections true`);
      await sql.end();
    }
    // A connection that was cut while it lay idle may be noticed only when it is used.
    await eventually(async () => {
      expect(await database.answers()).toBe(true);
    });
  });
});

describe('a database that is away', () => {
  it('is told as such, and asked again', async () => {
    const database = new TrainerDatabase('postgres://nobody@127.0.0.1:1/none', new SilentLogger());
    const jobs = new PostgresJobs(database, outboxRowOf);
    await expect(jobs.depth()).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
    await expect(jobs.depth()).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
    expect(await database.answers()).toBe(false);
  });
});
