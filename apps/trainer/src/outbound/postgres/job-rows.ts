import type { TrainingCompleted, TrainingRequested } from '#contracts';
import type { Job } from '../../core/job.js';
import type { ResolvedRequest } from '../../core/resolved-request.js';
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
    resolved: (row.resolved ?? undefined) as ResolvedRequest | undefined,
    memoryBytes: row.memoryBytes === null ? undefined : Number(row.memoryBytes),
    runId: row.runId ?? undefined,
    loggedModelId: row.loggedModelId ?? undefined,
    metrics: row.metrics ?? undefined,
    fingerprint: row.fingerprint ?? undefined,
    version: row.version ?? undefined,
    verdict: row.verdict ?? undefined,
  },
  cancelReason: row.cancelReason ?? undefined,
  requestedAt: row.requestedAt,
  startedAt: row.startedAt ?? undefined,
});

/** What is told of a job that is over. */
export const completedOf = (row: JobEntity, outcome: TrainingCompleted['outcome']): TrainingCompleted => ({
  ...settledOf(row),
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

const settledOf = (row: JobEntity): Pick<TrainingCompleted, 'recipe' | 'preset'> => {
  const { recipe, preset } = (row.resolved ?? row.request) as TrainingRequested;
  return { ...(recipe !== undefined && { recipe }), ...(preset !== undefined && { preset }) };
};
