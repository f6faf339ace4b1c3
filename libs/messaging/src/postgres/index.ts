export { PostgresEventBus, type PostgresEventBusOptions } from './postgres-event-bus.js';
export { OutboxRelay, type OutboxRelayOptions } from './outbox-relay.js';
export { outboxDdl, outboxRowOf, type OutboxRow } from './outbox.js';
