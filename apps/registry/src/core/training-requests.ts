import type { TrainingCompleted, TrainingProgressed, TrainingRequested, TrainingRequestView } from '#contracts';

export type RequestState = TrainingRequestView['state'];

const open: readonly RequestState[] = ['queued', 'running', 'retrying'];

/** A request that is over never moves again, whatever arrives late. */
export const isOver = (state: RequestState): boolean => !open.includes(state);

/** The list of requests as it is heard, in any order and more than once. */
export abstract class TrainingRequests {
  /** Adds it as queued; one that is known already only learns what it lacked. */
  abstract requested(id: string, source: string, request: TrainingRequested, at: string): Promise<void>;
  /** Ignored when the request is over or further on (a higher attempt). */
  abstract progressed(event: TrainingProgressed, at: string): Promise<void>;
  /** Ignored when the request is over. */
  abstract completed(event: TrainingCompleted): Promise<void>;
  /** Newest first. */
  abstract list(query: { limit: number; model?: string; state?: RequestState }): Promise<TrainingRequestView[]>;
  abstract find(id: string): Promise<TrainingRequestView | undefined>;
}

/** What is shown of a request of which only later events were heard so far. */
export const unheard = (id: string, model: string, at: string): TrainingRequestView => ({
  id,
  model,
  recipe: '',
  preset: null,
  priority: 0,
  parameters: {},
  source: '',
  state: 'queued',
  attempt: 0,
  message: '',
  progress: null,
  runId: null,
  version: null,
  metrics: {},
  error: null,
  requestedAt: at,
  endedAt: null,
});

export const afterRequest = (
  known: TrainingRequestView,
  source: string,
  request: TrainingRequested,
  at: string,
): TrainingRequestView => ({
  ...known,
  source,
  model: request.model,
  recipe: request.recipe ?? known.recipe,
  preset: request.preset ?? known.preset,
  priority: request.priority ?? 0,
  parameters: request.parameters,
  requestedAt: at,
});

export const afterProgress = (known: TrainingRequestView, event: TrainingProgressed): TrainingRequestView =>
  isOver(known.state) || event.attempt < known.attempt || (event.state === 'queued' && known.state !== 'queued')
    ? known
    : {
        ...known,
        state: event.state,
        attempt: event.attempt,
        message: event.message,
        progress: progressOf(event) ?? (event.attempt > known.attempt ? null : known.progress),
        runId: event.runId ?? known.runId,
      };

export const afterCompletion = (known: TrainingRequestView, event: TrainingCompleted): TrainingRequestView =>
  isOver(known.state)
    ? known
    : {
        ...known,
        state: event.outcome,
        attempt: Math.max(known.attempt, event.attempts),
        message: event.error?.message ?? '',
        recipe: event.recipe ?? known.recipe,
        preset: event.preset ?? known.preset,
        progress: null,
        runId: event.runId ?? known.runId,
        version: event.version ?? null,
        metrics: event.metrics,
        error: event.error ?? null,
        endedAt: event.endedAt,
      };

const progressOf = ({ step, of }: TrainingProgressed): TrainingRequestView['progress'] | undefined =>
  step === undefined || of === undefined ? undefined : { step, of };
