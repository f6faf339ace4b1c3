import { Controller, Inject } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import type { CloudEvent, ModelRegistered } from '#contracts';
import { PlatformError } from '#runtime';
import { ConvertModel } from '../core/convert-model.js';

/** Hears of versions that can't be served as they are. */
@Controller()
export class ModelRegisteredConsumer {
  constructor(@Inject(ConvertModel) private readonly convert: ConvertModel) {}

  @EventPattern<string>('model.registered')
  async on(@Payload() { id, data }: CloudEvent<ModelRegistered | null>): Promise<void> {
    if (data === null) throw new PlatformError('EVENT_INVALID', 'A registration has a value.');
    await this.convert.execute(id, data);
  }
}
