import { Controller, Delete, Get, HttpCode, Inject, Param, Put } from '@nestjs/common';
import type { z } from 'zod';
import { putCurrentPreset, putPreset, type PresetsView, type PresetView, type PutPreset } from '#contracts';
import { Clock, PlatformError } from '#runtime';
import { checkedModelName } from '../../core/model-names.js';
import { Presets } from '../../core/presets.js';
import { ContractBody } from './body.js';
import { checkedShortName } from './short-name.js';

/** Presets of one model name; they may be kept before the model exists. */
@Controller('api/v1/models/:name')
export class PresetsController {
  constructor(
    @Inject(Presets) private readonly presets: Presets,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  @Get('presets')
  list(@Param('name') name: string): Promise<PresetsView> {
    return this.presets.list(checkedModelName(name));
  }

  @Get('presets/:preset')
  async get(@Param('name') name: string, @Param('preset') preset: string): Promise<PresetView> {
    const found = await this.presets.find(checkedModelName(name), checkedShortName(preset));
    if (found === undefined) throw new PlatformError('NOT_FOUND', `${name} has no preset "${preset}".`);
    return found;
  }

  @Put('presets/:preset')
  put(
    @Param('name') name: string,
    @Param('preset') preset: string,
    @ContractBody(putPreset) given: PutPreset,
  ): Promise<PresetView> {
    return this.presets.put(checkedModelName(name), checkedShortName(preset), given, this.clock.iso());
  }

  @Delete('presets/:preset')
  @HttpCode(204)
  delete(@Param('name') name: string, @Param('preset') preset: string): Promise<void> {
    return this.presets.delete(checkedModelName(name), checkedShortName(preset));
  }

  @Get('current-preset')
  async current(@Param('name') name: string): Promise<PresetView> {
    const found = await this.presets.current(checkedModelName(name));
    if (found === undefined) throw new PlatformError('NOT_FOUND', `${name} has no preset yet.`);
    return found;
  }

  @Put('current-preset')
  use(
    @Param('name') name: string,
    @ContractBody(putCurrentPreset) { preset }: z.infer<typeof putCurrentPreset>,
  ): Promise<PresetView> {
    return this.presets.use(checkedModelName(name), preset);
  }
}
