import { Controller, Inject } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import type { CloudEvent, ModelPromoted } from '#contracts';
import type { EventBusContext } from '#messaging/nest';
import { PlatformError } from '#runtime';
import { ModelDirectory } from '../core/model-directory.js';

/** Hears which version to serve. Only records the wish, so that a slow load never holds up the topic. */
@Controller()
export class ModelPromotedConsumer {
  constructor(@Inject(ModelDirectory) private readonly directory: ModelDirectory) {}

  @EventPattern<string>('model.promoted')
  on(@Payload() event: CloudEvent<ModelPromoted | null>, @Ctx() context: EventBusContext): void {
    if (event.data !== null) {
      this.directory.promote(event.data);
      return;
    }
    // What compaction goes by is the key, so it is what names the retired model.
    const model = context.record.key ?? event.subject;
    if (model === undefined || model === '')
      throw new PlatformError('EVENT_INVALID', 'the key: is missing, so this tombstone retires no model');
    this.directory.retire(model, event.generation);
  }
}
