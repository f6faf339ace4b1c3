import type { CloudEvent, TrainingRequested } from '#contracts';
import { crashPoint, requestIdOf, type Clock, type Logger } from '#runtime';
import type { Jobs } from './jobs.js';
import type { ProgressReports } from './progress.js';

/** Makes one durable job of one event, however often it is heard. */
export class TakeRequest {
  constructor(
    private readonly jobs: Jobs,
    private readonly progress: ProgressReports,
    private readonly logger: Logger,
    private readonly clock: Clock,
    private readonly options: {
      crashAt?: string;
      onAdded: () => void;
      memoryOf: (recipe: string | undefined) => number | undefined;
    },
  ) {}

  async execute(event: CloudEvent<TrainingRequested>): Promise<void> {
    const { source, id: eventId, data: request } = event;
    const requestId = requestIdOf(source, eventId);
    const memoryBytes = request.preset === undefined ? this.options.memoryOf(request.recipe) : undefined;
    const requestedAt = this.timeOf(event);
    const added = await this.jobs.add({ requestId, source, eventId, request, requestedAt, memoryBytes });
    crashPoint('after-job-stored', this.options.crashAt);
    this.logger.info(said[added], { requestId, model: request.model, recipe: request.recipe, source });
    if (added !== 'added') return;
    this.progress.say({ requestId, model: request.model, state: 'queued', attempt: 0, message: 'Queued.' });
    this.options.onAdded();
  }

  /** A producer's clock, or its way to write time, may be anything. */
  private timeOf({ time }: CloudEvent): Date {
    const at = new Date(time);
    return Number.isNaN(at.getTime()) ? new Date(this.clock.now()) : at;
  }
}

const said = {
  added: 'A training is queued.',
  known: 'A training request came again; it is known.',
  cancelled: 'A training request came that was cancelled before.',
} as const;
