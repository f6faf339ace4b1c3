import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { trainingRequested } from '#contracts';
import { SilentLogger } from '#runtime';
import type { Attempts } from './attempts.js';
import { unlessAborted } from './interruption.js';
import type { Job } from './job.js';
import type { Jobs } from './jobs.js';
import { MemoryRoom } from './memory-room.js';
import { RunJob } from './run-job.js';
import type { Tracking } from './tracking.js';
import type { TrainModel } from './train-model.js';

const job = {
  requestId: 'q',
  request: trainingRequested.parse({ model: 'M', recipe: 'r' }),
  checkpoint: { runId: 'r' },
  cancelReason: 'enough',
  losses: 0,
  fence: 1,
} as Job;
const options = { leaseMs: 60_000, room: new MemoryRoom(), maxAttempts: 2, backoffMs: 1 };
const never = new Promise<never>(() => undefined);

/** Cancelled before it was leased: its run is to be marked, at a registry that accepts and says nothing. */
const hanging: [string, Attempts['begin']][] = [
  ['before the attempt has begun', () => never],
  [
    'when the run is to be marked',
    () => {
      const during = (signal: AbortSignal) => ({ endRun: () => unlessAborted(signal, never) }) as unknown as Tracking;
      return Promise.resolve({ token: 't', tracking: {} as Tracking, during });
    },
  ],
];

it.each(hanging)(
  'a registry that hangs %s keeps no trainer from leaving, and the job is given back',
  async (_, begin) => {
    const done: unknown[] = [];
    const jobs = {
      record: () => Promise.resolve(true),
      putBack: (_job: Job, ...how: unknown[]) => Promise.resolve(Boolean(done.push(how))),
      finish: () => Promise.resolve(Boolean(done.push('finished'))),
    } as unknown as Jobs;
    const progress = { say: () => undefined };
    const run = new RunJob(jobs, {} as TrainModel, { begin }, progress, new SilentLogger(), options);
    const shutdown = new AbortController();
    const ended = run.execute(job, shutdown.signal);
    await sleep(20);
    shutdown.abort();
    expect(await ended).toBe('released');
    expect(done).toEqual([['release', 0]]);
  },
);
