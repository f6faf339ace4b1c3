import type { PutSchedule, ScheduleView } from '#contracts';

/** Reads cron expressions. */
export abstract class CronTimes {
  /**
   * The first time after `after`; null when none is left to come.
   * @throws PlatformError REQUEST_INVALID naming what is wrong with the expression or the zone.
   */
  abstract next(cron: string, timeZone: string, after: Date): Date | null;
}

/** Schedules of models. */
export abstract class Schedules {
  /** By model and name. */
  abstract list(model?: string): Promise<ScheduleView[]>;
  abstract find(model: string, name: string): Promise<ScheduleView | undefined>;
  /** As `find`; nobody else fires or changes it until the transaction ends. */
  abstract hold(model: string, name: string): Promise<ScheduleView | undefined>;
  /** Makes it or changes all of it; what it did last stays. Errors: PRESET_UNKNOWN. */
  abstract put(model: string, name: string, schedule: PutSchedule, nextAt: string | null): Promise<ScheduleView>;
  abstract setPaused(model: string, name: string, paused: boolean, nextAt: string | null): Promise<void>;
  /** Errors: NOT_FOUND. */
  abstract delete(model: string, name: string): Promise<void>;
  /** Those of one model are another's from now on, which keeps its own of the same names; it has their presets already. */
  abstract rename(model: string, to: string): Promise<void>;
  /** All of a model. */
  abstract forget(model: string): Promise<void>;
  /** One that is due, held until the transaction ends; one that another process holds is passed over. */
  abstract takeDue(now: string): Promise<ScheduleView | undefined>;
  abstract fired(
    model: string,
    name: string,
    done: { at: string; requestId: string; nextAt: string | null },
  ): Promise<void>;
}
