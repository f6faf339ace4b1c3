import {
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type Provider,
} from '@nestjs/common';
import { Clock, Logger, messageOf } from '#runtime';
import { construct } from '#runtime/nest';
import { TrainingAnnouncements } from './core/announcements.js';
import { KeepSchedules } from './core/keep-schedules.js';
import { Presets } from './core/presets.js';
import { RequestTraining } from './core/request-training.js';
import { CronTimes, Schedules } from './core/schedules.js';
import { KnowAttempts, TrainingAttempts } from './core/training-attempts.js';
import { TrainingRequests } from './core/training-requests.js';
import { Transactions } from './core/transactions.js';
import { CronerTimes } from './outbound/croner-times.js';
import { PostgresPresets } from './outbound/postgres/postgres-presets.js';
import { PostgresSchedules } from './outbound/postgres/postgres-schedules.js';
import { PostgresTrainingAttempts } from './outbound/postgres/postgres-training-attempts.js';
import { RegistryDatabase } from './outbound/postgres/registry-database.js';

const LOOK_MS = 1_000;

/** Looks for schedules that are due. A look that takes longer is not overtaken by the next. */
@Injectable()
export class ScheduleRoutine implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> | undefined;

  constructor(
    @Inject(KeepSchedules) private readonly schedules: KeepSchedules,
    @Inject(Logger) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      this.looking ??= this.look().finally(() => {
        this.looking = undefined;
      });
    }, LOOK_MS);
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.looking;
  }

  private async look(): Promise<void> {
    try {
      await this.schedules.askForDue();
    } catch (error) {
      this.logger.debug(`The schedules could not be looked at: ${messageOf(error)}`);
    }
  }
}

/** Requests for trainings: by hand, by preset, by schedule; and the attempts of trainers at them. */
export const trainingProviders: Provider[] = [
  { ...construct(PostgresPresets, RegistryDatabase), provide: Presets },
  { ...construct(PostgresSchedules, RegistryDatabase), provide: Schedules },
  { ...construct(PostgresTrainingAttempts, RegistryDatabase), provide: TrainingAttempts },
  { provide: CronTimes, useClass: CronerTimes },
  construct(KnowAttempts, TrainingAttempts),
  construct(RequestTraining, Transactions, TrainingRequests, TrainingAnnouncements, Clock),
  construct(KeepSchedules, Transactions, Schedules, Presets, CronTimes, RequestTraining, Clock),
  ScheduleRoutine,
];
