import type { Command } from 'commander';
import { topics } from '#contracts';
import { withContext, type Context } from '../context.js';
import { table } from '../output.js';

export const addTopics = (program: Command): void => {
  const command = program.command('topics').description('the topics of the flow');
  command.command('create').description('make the topics that are missing').action(withContext(create));
  command
    .command('list')
    .description('list the topics of the flow and whether they are there')
    .action(withContext(list));
};

const create = (context: Context): Promise<void> =>
  context.withBus(async (bus) => {
    const before = new Set(await bus.topicNames());
    await bus.ensureTopics(topics());
    const created = topics().flatMap(({ name }) => (before.has(name) ? [] : [name]));
    context.output.value({ created }, () =>
      created.length === 0 ? 'All topics are there.' : `Made:\n${created.join('\n')}`,
    );
  });

const list = (context: Context): Promise<void> =>
  context.withBus(async (bus) => {
    const there = new Set(await bus.topicNames());
    const listed = topics().map((topic) => ({ ...topic, there: there.has(topic.name) }));
    context.output.value(listed, () =>
      table(
        ['TOPIC', 'PARTITIONS', 'CLEANUP', 'KEPT', 'THERE'],
        listed.map(({ name, partitions, cleanup, retentionMs, there: isThere }) => [
          name,
          partitions,
          cleanup,
          retentionMs === -1 ? 'for ever' : `${String(retentionMs / 3_600_000)} h`,
          isThere ? 'yes' : 'no',
        ]),
        '',
      ),
    );
  });
