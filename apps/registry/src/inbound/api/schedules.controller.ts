import { Controller, Delete, Get, HttpCode, Inject, Param, Patch, Put, Query } from '@nestjs/common';
import type { z } from 'zod';
import { patchSchedule, putSchedule, type PutSchedule, type ScheduleView } from '#contracts';
import { KeepSchedules } from '../../core/keep-schedules.js';
import { checkedModelName } from '../../core/model-names.js';
import { Schedules } from '../../core/schedules.js';
import { ContractBody } from './body.js';
import { checkedShortName } from './short-name.js';

@Controller('api/v1')
export class SchedulesController {
  constructor(
    @Inject(Schedules) private readonly schedules: Schedules,
    @Inject(KeepSchedules) private readonly keep: KeepSchedules,
  ) {}

  @Get('schedules')
  async list(@Query('model') model?: string): Promise<{ schedules: ScheduleView[] }> {
    return { schedules: await this.schedules.list(model === undefined ? undefined : checkedModelName(model)) };
  }

  @Get('models/:name/schedules/:schedule')
  get(@Param('name') name: string, @Param('schedule') schedule: string): Promise<ScheduleView> {
    return this.keep.get(checkedModelName(name), checkedShortName(schedule));
  }

  @Put('models/:name/schedules/:schedule')
  put(
    @Param('name') name: string,
    @Param('schedule') schedule: string,
    @ContractBody(putSchedule) given: PutSchedule,
  ): Promise<ScheduleView> {
    return this.keep.put(checkedModelName(name), checkedShortName(schedule), given);
  }

  @Patch('models/:name/schedules/:schedule')
  pause(
    @Param('name') name: string,
    @Param('schedule') schedule: string,
    @ContractBody(patchSchedule) { paused }: z.infer<typeof patchSchedule>,
  ): Promise<ScheduleView> {
    return this.keep.setPaused(checkedModelName(name), checkedShortName(schedule), paused);
  }

  @Delete('models/:name/schedules/:schedule')
  @HttpCode(204)
  delete(@Param('name') name: string, @Param('schedule') schedule: string): Promise<void> {
    return this.schedules.delete(checkedModelName(name), checkedShortName(schedule));
  }
}
