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
    expect(await jobs.prune(86_400_000)).toBe(2);
    expect((await sql.query('select 1 from trainer.outbox')).rowCount).toBe(1);
  });
});
