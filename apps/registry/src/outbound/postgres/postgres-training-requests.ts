import type { TrainingCompleted, TrainingProgressed, TrainingRequested, TrainingRequestView } from '#contracts';
import {
  afterCompletion,
  afterProgress,
  afterRequest,
  TrainingRequests,
  unheard,
  type RequestState,
} from '../../core/training-requests.js';
import type { RegistryDatabase } from './registry-database.js';
import { TrainingRequestEntity } from './training-request.entity.js';

export class PostgresTrainingRequests extends TrainingRequests {
  constructor(private readonly database: RegistryDatabase) {
    super();
  }

  requested(id: string, source: string, request: TrainingRequested, at: string): Promise<void> {
    return this.change(unheard(id, request.model, at), (known) => afterRequest(known, source, request, at));
  }

  progressed(event: TrainingProgressed, at: string): Promise<void> {
    return this.change(unheard(event.requestId, event.model, at), (known) => afterProgress(known, event));
  }

  completed(event: TrainingCompleted): Promise<void> {
    const unknown = unheard(event.requestId, event.model, event.startedAt ?? event.endedAt);
    return this.change(unknown, (known) => afterCompletion(known, event));
  }

  async list(query: { limit: number; model?: string; state?: RequestState }): Promise<TrainingRequestView[]> {
    const rows = await this.database.guarded(() =>
      this.requests().find({
        where: { ...(query.model && { model: query.model }), ...(query.state && { state: query.state }) },
        order: { requestedAt: 'DESC', id: 'ASC' },
        take: query.limit,
      }),
    );
    return rows.map(viewOf);
  }

  async find(id: string): Promise<TrainingRequestView | undefined> {
    const row = await this.database.guarded(() => this.requests().findOneBy({ id }));
    return row === null ? undefined : viewOf(row);
  }

  /** The row is made first and held, so that events of one request that arrive at once queue up. */
  private change(
    unknown: TrainingRequestView,
    next: (known: TrainingRequestView) => TrainingRequestView,
  ): Promise<void> {
    return this.database.transaction(async () => {
      const { id } = unknown;
      await this.database.query(
        `insert into registry.training_requests (id, model, state, requested_at) values ($1, $2, $3, $4) on conflict do nothing`,
        [id, unknown.model, unknown.state, unknown.requestedAt],
      );
      const row = await this.requests().findOneOrFail({ where: { id }, lock: { mode: 'pessimistic_write' } });
      const known = viewOf(row);
      const changed = next(known);
      if (changed !== known) await this.requests().update({ id }, changed);
    });
  }

  private requests() {
    return this.database.repository(TrainingRequestEntity);
  }
}

type Row = Omit<TrainingRequestView, 'parameters'> & { parameters: object };

const viewOf = (row: Row): TrainingRequestView => ({
  ...row,
  parameters: row.parameters as TrainingRequestView['parameters'],
});
