import type { TrainingCompleted, TrainingRequested } from '#contracts';
import type { Job } from '../../core/job.js';
import type { JobEntity } from './job.entity.js';

export const jobOf = (row: JobEntity, takenOver: boolean): Job => ({
  requestId: row.requestId,
  request: row.request as TrainingRequested,
  state: row.state,
  attempt: row.attempt,
  failures: row.failures,
  losses: row.losses,
  waits: row.waits,
  fence: row.fence,
  takenOver,
  checkpoint: {
    runId: row.runId ?? undefined,
    loggedModelId: row.loggedModelId ?? undefined,
    metrics: row.metrics ?? undefined,
    version: row.version ?? undefined,
    verdict: row.verdict ?? undefined,
  },
  cancelReason: row.cancelReason ?? undefined,
  requestedAt: row.requestedAt,
  startedAt: row.startedAt ?? undefined,
});

/** What is told of a job that is over. */
export const completedOf = (row: JobEntity, outcome: TrainingCompleted['outcome']): TrainingCompleted => ({
  requestId: row.requestId,
  model: row.model,
  outcome,
  attempts: row.attempt,
  ...(row.runId !== null && { runId: row.runId }),
  ...(row.version !== null && { version: row.version }),
  metrics: row.metrics ?? {},
  ...(row.failure !== null && { error: row.failure }),
  ...(row.startedAt !== null && { startedAt: row.startedAt.toISOString() }),
  endedAt: (row.endedAt ?? new Date()).toISOString(),
});
