import type { MetricSpec } from '#runtime';

/** Every metric the registry has of its own. */
export const registryMetrics: readonly MetricSpec[] = [
  {
    name: 'baton_registry_outbox_oldest_unsent_seconds',
    help: 'Age of the oldest outbox row that is not on the bus yet; 0 when none waits.',
    kind: 'gauge',
  },
  {
    name: 'baton_registry_outbox_published_total',
    help: 'Outbox rows put on the bus, by topic.',
    kind: 'counter',
    labels: ['topic'],
  },
  {
    name: 'baton_registry_events_heard_total',
    help: 'Events heard and worked on, by topic.',
    kind: 'counter',
    labels: ['topic'],
  },
  {
    name: 'baton_registry_promotions_total',
    help: 'Promotions and retirements that were committed.',
    kind: 'counter',
    labels: ['cause'],
  },
  {
    name: 'baton_registry_policy_decisions_total',
    help: 'Registrations the promotion policy decided about.',
    kind: 'counter',
    labels: ['promoted'],
  },
  {
    name: 'baton_registry_feed_readers',
    help: 'Clients that follow the live event feed.',
    kind: 'gauge',
  },
];
