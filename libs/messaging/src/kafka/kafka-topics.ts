import type { Admin, ITopicConfig } from 'kafkajs';
import type { TopicSpec } from '#contracts';
import { waitFor } from '../retry-policy.js';
import { isElection, isUnknownTopic } from './kafka-error.js';

const METADATA_TRIES = 100;
const METADATA_WAIT_MS = 100;

/** Makes what is missing and waits until every partition has a leader: until then producers and consumers would be refused. */
export const createMissingTopics = async (admin: Admin, topics: TopicSpec[]): Promise<void> => {
  const known = new Set(await admin.listTopics());
  const missing = topics.filter(({ name }) => !known.has(name));
  if (missing.length === 0) return;
  // One request each: another process may make the same ones now, and a request of many fails as a whole.
  for (const topic of missing) await admin.createTopics({ topics: [configOf(topic)], waitForLeaders: false });
  await waitForLeaders(
    admin,
    missing.map(({ name }) => name),
  );
};

const configOf = ({ name, partitions, cleanup, retentionMs }: TopicSpec): ITopicConfig => ({
  topic: name,
  numPartitions: partitions,
  configEntries: [
    { name: 'cleanup.policy', value: cleanup },
    { name: 'retention.ms', value: String(retentionMs) },
  ],
});

/** Where each partition of a topic begins and ends; waits while leaders are being elected. */
export const offsetsOf = async (
  admin: Admin,
  topic: string,
): Promise<{ partition: number; low: bigint; high: bigint }[]> => {
  for (let tries = 1; ; tries += 1)
    try {
      const offsets = await admin.fetchTopicOffsets(topic);
      return offsets.map(({ partition, low, high }) => ({ partition, low: BigInt(low), high: BigInt(high) }));
    } catch (error) {
      if (!isElection(error) || tries === METADATA_TRIES) throw error;
      await waitFor(METADATA_WAIT_MS);
      // What kafkajs remembers of the leaders is old: only this makes it ask again.
      await admin.fetchTopicMetadata({ topics: [topic] });
    }
};

const waitForLeaders = async (admin: Admin, names: string[]): Promise<void> => {
  for (let tries = 1; ; tries += 1) {
    if (await haveLeaders(admin, names)) break;
    if (tries === METADATA_TRIES) throw new Error(`These topics have no leader yet: ${names.join(', ')}.`);
    await waitFor(METADATA_WAIT_MS);
  }
  // A leader that is named may not know it yet: it does once it answers for its log.
  for (const name of names) await offsetsOf(admin, name);
};

const haveLeaders = async (admin: Admin, names: string[]): Promise<boolean> => {
  try {
    const { topics } = await admin.fetchTopicMetadata({ topics: names });
    return topics.every(({ partitions }) => partitions.length > 0 && partitions.every(({ leader }) => leader >= 0));
  } catch (error) {
    if (isUnknownTopic(error)) return false;
    throw error;
  }
};
