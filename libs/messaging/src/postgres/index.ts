export { PostgresEventBus, type PostgresEventBusOptions } from './postgres-event-bus.js';
export { OUTBOX_CHANNEL, OutboxRelay, type OutboxRelayOptions } from './outbox-relay.js';
export { outboxDdl, outboxRowOf, type OutboxRow } from './outbox.js';
