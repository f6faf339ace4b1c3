import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { trainingRequested } from '#contracts';
import { services } from '#testing';
import type { Job } from '../../core/job.js';
import { jobs, sql, startJobsDatabase } from './jobs-database.behaviour.js';

describe.skipIf(services().postgres === undefined)('whose turn it is', () => {
  startJobsDatabase();

  /** One after the other, so that each waits longer than the next. */
  const queue = async (...models: (string | [string, number])[]) => {
    for (const each of models) {
      const [model, priority] = typeof each === 'string' ? [each, 0] : each;
      const request = trainingRequested.parse({ model, recipe: 'r', priority });
      await jobs.add({ requestId: randomUUID(), source: '/t', eventId: '1', request, requestedAt: new Date() });
    }
  };
  const lease = async (): Promise<Job> => {
    const job = await jobs.lease('a', 60_000);
    if (job === undefined) throw new Error('nothing to lease');
    return job;
  };
  const leased = async (count: number) => {
    const models: string[] = [];
    for (let nth = 0; nth < count; nth += 1) models.push((await lease()).request.model);
    return models.join('');
  };

  it('is that of the higher priority', async () => {
    await queue('a', ['b', -1], ['c', 5], 'd', ['e', 5]);
    expect(await leased(5)).toBe('ceadb');
  });

  it('is that of the model with the fewest running, so that many requests of one do not hold up the others', async () => {
    await queue('a', 'a', 'a', 'a', 'b', 'c', 'b');
    expect(await leased(7)).toBe('abcabaa');
  });

  it('goes round, where one runs at a time', async () => {
    await queue('a', 'a', 'a', 'b', 'b', 'c');
    let order = '';
    for (let nth = 0; nth < 6; nth += 1) {
      const job = await lease();
      order += job.request.model;
      await jobs.finish(job, { outcome: 'succeeded' });
    }
    expect(order).toBe('abcaba');
  });

  it('is that of a job whose trainer was lost, before others of its priority', async () => {
    await queue('a');
    const lost = await lease();
    await queue('b');
    await sql.query(`update trainer.jobs set leased_until = now() - interval '1 s' where request_id = $1`, [
      lost.requestId,
    ]);
    expect(await lease()).toMatchObject({ requestId: lost.requestId, takenOver: true });
  });

  it('is nobody’s twice, however many trainers ask', async () => {
    await queue(...Array.from({ length: 12 }, (_, nth) => 'abc'[nth % 3]));
    const given = await Promise.all(Array.from({ length: 16 }, () => jobs.lease('x', 60_000)));
    const ids = given.flatMap((job) => (job === undefined ? [] : [job.requestId]));
    expect(new Set(ids).size).toBe(ids.length);
    // Who asks while another holds the row that was next may go away empty, and asks again.
    while ((await jobs.lease('x', 60_000)) !== undefined) ids.push('');
    expect(ids).toHaveLength(12);
  });

  it('is that of a job that fits into the memory that is left', async () => {
    for (const [model, memoryBytes] of [
      ['large', 6e9],
      ['small', 1e9],
      ['unknown', undefined],
    ] as const) {
      const request = trainingRequested.parse({ model });
      const about = { requestId: randomUUID(), source: '/t', eventId: '1', requestedAt: new Date() };
      await jobs.add({ ...about, request, memoryBytes });
    }
    expect((await jobs.lease('a', 60_000, 5e9))?.request.model).toBe('small');
    const unknown = await jobs.lease('a', 60_000, 5e9);
    expect(unknown?.request.model).toBe('unknown');
    if (unknown !== undefined) {
      await jobs.record(unknown, { memoryBytes: 7e9 });
      await jobs.putBack(unknown, 'release', 0);
    }
    expect(await jobs.lease('a', 60_000, 5e9)).toBeUndefined();
    expect(await jobs.lease('a', 60_000)).toMatchObject({ checkpoint: { memoryBytes: 6e9 } });
    expect(await jobs.lease('a', 60_000)).toMatchObject({ checkpoint: { memoryBytes: 7e9 }, attempt: 1 });
  });

  it('keeps what was trained last, and forgets old news', async () => {
    await queue('a', 'a', 'a');
    for (const [fingerprint, outcome] of [
      ['one', 'succeeded'],
      ['two', 'succeeded'],
      ['three', 'skipped'],
    ] as const) {
      const job = await lease();
      await jobs.record(job, { fingerprint });
      await jobs.finish(job, { outcome });
    }
    expect(await jobs.lastFingerprint('a')).toBe('two');
    expect(await jobs.lastFingerprint('b')).toBeUndefined();
    await sql.query(
      `update trainer.outbox set published_at = now() - interval '2 days'
       where position <> (select max(position) from trainer.outbox)`,
    );
    expect(await jobs.prune(86_400_000, 86_400_000)).toBe(2);
    expect((await sql.query('select 1 from trainer.outbox')).rowCount).toBe(1);
  });

  const trained = async (model: string, fingerprint: string, recipe = 'r') => {
    const request = trainingRequested.parse({ model, recipe });
    const requestId = randomUUID();
    await jobs.add({ requestId, source: '/t', eventId: '1', request, requestedAt: new Date() });
    const job = await lease();
    await jobs.record(job, { fingerprint });
    await jobs.finish(job, { outcome: 'succeeded' });
    return requestId;
  };

  it('forgets jobs that are long over, but for the last that made something of its model', async () => {
    await trained('a', 'one');
    const kept = [await trained('a', 'two'), await trained('b', 'three')];
    await trained('a', 'four', 'convert-sklearn');
    await sql.query(`update trainer.jobs set ended_at = ended_at - interval '40 days'`);
    await queue('a');
    expect(await jobs.prune(86_400_000, 30 * 86_400_000)).toBe(2);
    const { rows } = await sql.query<{ request_id: string }>('select request_id from trainer.jobs where state = $1', ['succeeded']); // prettier-ignore
    expect(rows.map((row) => row.request_id).sort()).toEqual(kept.sort());
    expect(await jobs.lastFingerprint('a')).toBe('two');
  });

  it('goes by what was trained, not by what was converted since', async () => {
    await trained('a', 'one');
    await trained('a', 'of no training', 'convert-sklearn');
    expect(await jobs.lastFingerprint('a')).toBe('one');
  });

  it('is at once that of a job that was cancelled while it waited, also where there is no room', async () => {
    await queue('a', 'b');
    const waiting = await lease();
    await jobs.record(waiting, { runId: 'r', memoryBytes: 9e9 });
    await jobs.putBack(waiting, 'failure', 3_600_000);
    expect(await jobs.leaseCancelled('a', 60_000)).toBeUndefined();
    await jobs.cancel(waiting.requestId, 'enough');
    expect((await jobs.lease('a', 60_000, 1))?.requestId).toBe(waiting.requestId);
  });

  it('leases for one without room what was cancelled alone, and tells its end at a measured pace', async () => {
    await queue('a', 'b');
    const waiting = await lease();
    await jobs.record(waiting, { runId: 'r' });
    await jobs.putBack(waiting, 'wait', 0);
    await jobs.cancel(waiting.requestId, 'enough');
    const concluded = await jobs.leaseCancelled('a', 60_000);
    expect(concluded).toMatchObject({ requestId: waiting.requestId, cancelReason: 'enough' });
    expect(await jobs.leaseCancelled('a', 60_000)).toBeUndefined();
    if (concluded === undefined) return;
    // The registry is away: its run can't be marked yet.
    const failure = { code: 'TRAINING_CANCELLED', message: 'enough' };
    await jobs.record(concluded, { verdict: { outcome: 'cancelled', failure } });
    await jobs.putBack(concluded, 'wait', 3_600_000);
    expect(await jobs.leaseCancelled('a', 60_000)).toBeUndefined();
  });

  it('is kept for a large job that small ones have passed by for minutes', async () => {
    for (const [model, memoryBytes] of [
      ['large', 6e9],
      ['small', 1e9],
      ['urgent', 1e9],
    ] as const) {
      // prettier-ignore
      const request = trainingRequested.parse({ model, priority: model === 'urgent' ? 1 : 0 });
      await jobs.add({
        requestId: randomUUID(),
        source: '/t',
        eventId: '1',
        requestedAt: new Date(),
        request,
        memoryBytes,
      });
    }
    await sql.query(`update trainer.jobs set due_at = now() - interval '3 minutes' where model = 'large'`);
    expect((await jobs.lease('a', 60_000, 5e9))?.request.model).toBe('urgent');
    expect(await jobs.lease('a', 60_000, 5e9)).toBeUndefined();
    expect((await jobs.lease('a', 60_000))?.request.model).toBe('large');
    expect((await jobs.lease('a', 60_000, 5e9))?.request.model).toBe('small');
  });
});
