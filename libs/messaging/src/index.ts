export { EventPublisher } from './event-publisher.js';
export { EventBus, type RecordHandler, type Subscription, type SubscriptionSpec } from './event-bus.js';
export { backoffMs, defaultRetry, environmentRetry, waitFor, type RetryPolicy } from './retry-policy.js';
export {
  deadLetterHeader,
  deadLetterOf,
  readDeadLetter,
  redrivenHeader,
  type DeadLetter,
  type GiveUp,
} from './dead-letter.js';
export { restoredRecord } from './redrive.js';
export {
  listDeadLetters,
  findDeadLetter,
  redriveDeadLetter,
  redriveAllDeadLetters,
  type ListedDeadLetter,
} from './dead-letters.js';
export { handleRecord, type EventContext, type EventHandler, type ShellOptions } from './handle-record.js';
