export { EventPublisher } from './event-publisher.js';
export { EventBus, type RecordHandler, type Subscription, type SubscriptionSpec } from './event-bus.js';
