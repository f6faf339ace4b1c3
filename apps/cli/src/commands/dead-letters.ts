import type { Command } from 'commander';
import {
  findDeadLetter,
  listDeadLetters,
  redriveAllDeadLetters,
  redriveDeadLetter,
  type EventBus,
  type ListedDeadLetter,
} from '#messaging';
import { CliError } from '../cli-error.js';
import { withContext, type Context } from '../context.js';
import { printable, table } from '../output.js';

export const addDeadLetters = (program: Command): void => {
  const dlt = program.command('dlt').description('dead letters: records that a consumer gave up on');
  dlt
    .command('list [topic]')
    .description('list the dead letters of one dead-letter topic, or of all')
    .option('--all', 'also those that were put back already')
    .action(withContext(list));
  dlt
    .command('show <topic> <partition> <offset>')
    .description('show one dead letter with its original bytes')
    .action(withContext(show));
  dlt
    .command('redrive [topic] [partition] [offset]')
    .description('put a dead letter, those of a topic, or (with --all) every one back to where it came from')
    .option('--all', 'every dead letter that was not put back yet')
    .action(withContext(redrive));
};

const list = (context: Context, topic: string | undefined, { all = false }: { all?: boolean }): Promise<void> =>
  context.withBus(async (bus) => {
    const letters = (await listDeadLetters(bus, topic)).filter((letter) => all || !letter.redriven);
    context.output.value(letters.map(plain), () =>
      table(
        ['TOPIC', 'PARTITION', 'OFFSET', 'KEY', 'AT', 'TRIED', 'REASON'],
        letters.map((each) => [
          each.topic,
          each.partition,
          each.offset,
          each.original.key,
          each.at,
          each.attempts,
          `${each.redriven ? '(put back) ' : ''}${each.code}: ${each.reason}`,
        ]),
        'There are no dead letters.',
      ),
    );
  });

const show = (context: Context, topic: string, partition: string, offset: string): Promise<void> =>
  context.withBus(async (bus) => {
    const letter = await found(bus, topic, partition, offset);
    context.output.value(plain(letter), () => JSON.stringify(plain(letter), null, 2));
  });

const redrive = (
  context: Context,
  topic: string | undefined,
  partition: string | undefined,
  offset: string | undefined,
  { all = false }: { all?: boolean },
): Promise<void> => {
  if (topic === undefined && !all)
    throw new CliError('Name a dead-letter topic, or a letter by topic, partition and offset, or say --all.', 2);
  if (partition !== undefined && offset === undefined)
    throw new CliError('A letter is named by partition and offset.', 2);
  return context.withBus(async (bus) => {
    if (topic !== undefined && partition !== undefined && offset !== undefined) {
      await redriveDeadLetter(bus, await found(bus, topic, partition, offset));
      context.output.value({ redriven: 1 }, () => 'Put back.');
      return;
    }
    const redriven = await redriveAllDeadLetters(bus, topic);
    context.output.value({ redriven }, () => `${String(redriven)} put back.`);
  });
};

const found = async (bus: EventBus, topic: string, partition: string, offset: string): Promise<ListedDeadLetter> => {
  const letter = await findDeadLetter(bus, topic, Number(partition), offset);
  if (letter === undefined)
    throw new CliError(
      `No dead letter lies at ${printable(`${topic} ${partition} ${offset}`)}; \`npx baton dlt list\` shows those there are.`,
    );
  return letter;
};

/** The original bytes as text where they are text, else in base64. */
const plain = ({ original, ...letter }: ListedDeadLetter): Record<string, unknown> => ({
  ...letter,
  original: { ...original, value: original.value === null ? null : textOrBase64(original.value) },
});

const textOrBase64 = (bytes: Uint8Array): string | { base64: string } => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return { base64: Buffer.from(bytes).toString('base64') };
  }
};
