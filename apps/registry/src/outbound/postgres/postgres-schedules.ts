import { LessThanOrEqual } from 'typeorm';
import type { PutSchedule, ScheduleView } from '#contracts';
import { PlatformError } from '#runtime';
import { Schedules } from '../../core/schedules.js';
import { isUnknownReference } from './database-errors.js';
import type { RegistryDatabase } from './registry-database.js';
import { ScheduleEntity } from './schedule.entity.js';

export class PostgresSchedules extends Schedules {
  constructor(private readonly database: RegistryDatabase) {
    super();
  }

  list(model?: string): Promise<ScheduleView[]> {
    const where = model === undefined ? {} : { model };
    return this.database.guarded(() => this.rows().find({ where, order: { model: 'ASC', name: 'ASC' } }));
  }

  async find(model: string, name: string): Promise<ScheduleView | undefined> {
    return (await this.database.guarded(() => this.rows().findOneBy({ model, name }))) ?? undefined;
  }

  async hold(model: string, name: string): Promise<ScheduleView | undefined> {
    const lock = { mode: 'pessimistic_write' } as const;
    return (await this.database.guarded(() => this.rows().findOne({ where: { model, name }, lock }))) ?? undefined;
  }

  async put(model: string, name: string, given: PutSchedule, nextAt: string | null): Promise<ScheduleView> {
    const { cron, timeZone, preset = null, priority = 0, onlyIfChanged, paused } = given;
    const row = { model, name, cron, timeZone, preset, priority, onlyIfChanged, paused, nextAt };
    try {
      await this.database.guarded(() => this.rows().upsert(row, ['model', 'name']));
    } catch (error) {
      // It was there when we looked.
      if (!isUnknownReference(error)) throw error;
      throw new PlatformError('PRESET_UNKNOWN', `${model} has no preset "${String(preset)}".`, error);
    }
    return this.database.guarded(() => this.rows().findOneByOrFail({ model, name }));
  }

  async setPaused(model: string, name: string, paused: boolean, nextAt: string | null): Promise<void> {
    await this.database.guarded(() => this.rows().update({ model, name }, { paused, nextAt }));
  }

  async delete(model: string, name: string): Promise<void> {
    const { affected } = await this.database.guarded(() => this.rows().delete({ model, name }));
    if (!affected) throw new PlatformError('NOT_FOUND', `${model} has no schedule "${name}".`);
  }

  async rename(model: string, to: string): Promise<void> {
    await this.database.query(
      `update registry.schedules old set model = $2 where model = $1
         and not exists (select 1 from registry.schedules own where own.model = $2 and own.name = old.name)`,
      [model, to],
    );
    await this.forget(model);
  }

  async forget(model: string): Promise<void> {
    await this.database.guarded(() => this.rows().delete({ model }));
  }

  async takeDue(now: string): Promise<ScheduleView | undefined> {
    const due = await this.database.guarded(() =>
      this.rows().findOne({
        where: { nextAt: LessThanOrEqual(now) },
        order: { nextAt: 'ASC' },
        lock: { mode: 'pessimistic_write', onLocked: 'skip_locked' },
      }),
    );
    return due ?? undefined;
  }

  async fired(
    model: string,
    name: string,
    { at, requestId, nextAt }: { at: string; requestId: string; nextAt: string | null },
  ): Promise<void> {
    const change = { lastAt: at, lastRequestId: requestId, nextAt };
    await this.database.guarded(() => this.rows().update({ model, name }, change));
  }

  private rows() {
    return this.database.repository(ScheduleEntity);
  }
}
