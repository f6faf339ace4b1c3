export { EventBusModule, eventBusFrom } from './event-bus.module.js';
export { EventBusStrategy, type EventBusStrategyOptions } from './event-bus-strategy.js';
export { EventBusContext } from './event-context.js';
