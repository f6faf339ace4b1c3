export { InMemoryEventBus } from './in-memory-event-bus.js';
