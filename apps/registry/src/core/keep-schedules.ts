import type { PutSchedule, ScheduleView } from '#contracts';
import { PlatformError, type Clock } from '#runtime';
import type { Presets } from './presets.js';
import type { RequestTraining } from './request-training.js';
import type { CronTimes, Schedules } from './schedules.js';
import type { Transactions } from './transactions.js';

/** The tag by which a run says which schedule asked for it. */
export const SCHEDULE_TAG = 'baton.schedule';

/** Schedules, and the trainings they ask for: each time once, whatever number of registries runs. */
export class KeepSchedules {
  constructor(
    private readonly transactions: Transactions,
    private readonly schedules: Schedules,
    private readonly presets: Presets,
    private readonly times: CronTimes,
    private readonly training: RequestTraining,
    private readonly clock: Clock,
  ) {}

  /** @throws PlatformError REQUEST_INVALID (expression, zone), PRESET_UNKNOWN. */
  put(model: string, name: string, given: PutSchedule): Promise<ScheduleView> {
    // Before anything is looked up: what is wrong with the expression is said first.
    this.nextOf(given);
    return this.transactions.run(async () => {
      const { preset } = given;
      const found = await (preset === undefined ? this.presets.current(model) : this.presets.find(model, preset));
      if (found === undefined)
        throw new PlatformError(
          'PRESET_UNKNOWN',
          preset === undefined
            ? `${model} has no preset yet; keep one first, or there is nothing to train.`
            : `${model} has no preset "${preset}".`,
        );
      const known = await this.schedules.hold(model, name);
      return this.schedules.put(model, name, given, this.nextOf(given, known?.lastAt));
    });
  }

  /** What passed while it was paused is not made up for. @throws PlatformError NOT_FOUND. */
  setPaused(model: string, name: string, paused: boolean): Promise<ScheduleView> {
    return this.transactions.run(async () => {
      const schedule = (await this.schedules.hold(model, name)) ?? (await this.get(model, name));
      if (schedule.paused !== paused)
        await this.schedules.setPaused(model, name, paused, this.nextOf({ ...schedule, paused }, schedule.lastAt));
      return this.get(model, name);
    });
  }

  /** @throws PlatformError NOT_FOUND. */
  async get(model: string, name: string): Promise<ScheduleView> {
    const found = await this.schedules.find(model, name);
    if (found === undefined) throw new PlatformError('NOT_FOUND', `${model} has no schedule "${name}".`);
    return found;
  }

  /** Asks for every training that is due. The next time is counted from now: of several missed times one is made up for. */
  async askForDue(): Promise<number> {
    let asked = 0;
    while (await this.askForOne()) asked += 1;
    return asked;
  }

  private askForOne(): Promise<boolean> {
    return this.transactions.run(async () => {
      const at = this.clock.iso();
      const due = await this.schedules.takeDue(at);
      if (due === undefined) return false;
      const { model, name, preset, priority, onlyIfChanged } = due;
      const { id: requestId } = await this.training.execute({
        model,
        parameters: {},
        promote: 'policy',
        register: true,
        tags: { [SCHEDULE_TAG]: name },
        ...(preset !== null && { preset }),
        ...(priority !== 0 && { priority }),
        ...(onlyIfChanged && { onlyIfChanged }),
      });
      await this.schedules.fired(model, name, { at, requestId, nextAt: this.nextOf(due, due.nextAt) });
      return true;
    });
  }

  /** @param last when it was due: a clock that was set back, or another's that is behind, must not bring the same time twice */
  private nextOf(
    { cron, timeZone, paused }: Pick<PutSchedule, 'cron' | 'timeZone' | 'paused'>,
    last?: string | null,
  ): string | null {
    const after = Math.max(this.clock.now(), Date.parse(last ?? '') || 0);
    const next = this.times.next(cron, timeZone, new Date(after));
    return paused || next === null ? null : next.toISOString();
  }
}
