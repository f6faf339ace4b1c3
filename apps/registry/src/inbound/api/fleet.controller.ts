import { Controller, Get, Inject } from '@nestjs/common';
import type { FleetView } from '#contracts';
import { Clock } from '#runtime';
import { Fleet, fleetAt } from '../../core/fleet.js';

/** What every replica serves; lost when unheard for 30 s. */
@Controller('api/v1/fleet')
export class FleetController {
  constructor(
    @Inject(Fleet) private readonly fleet: Fleet,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  @Get()
  async get(): Promise<FleetView> {
    return fleetAt(await this.fleet.all(), this.clock.now());
  }
}
