import { BaseRpcContext } from '@nestjs/microservices';
import type { RawRecord } from '#contracts';
import type { EventContext } from '../handle-record.js';

/** What a handler gets from `@Ctx()`: the raw record, the attempt, and a beat for long work. */
export class EventBusContext extends BaseRpcContext<[EventContext]> {
  constructor(context: EventContext) {
    super([context]);
  }

  get record(): RawRecord {
    return this.args[0].record;
  }

  get attempt(): number {
    return this.args[0].attempt;
  }

  heartbeat(): Promise<void> {
    return this.args[0].heartbeat();
  }
}
