import type { Command } from 'commander';
import type { LiveEvent } from '#contracts';
import { withContext, type Context } from '../context.js';
import { followFeed } from '../event-feed.client.js';
import { printable } from '../output.js';

interface EventsFlags {
  follow?: boolean;
  since?: string;
}

/** Without --follow the feed is read until it is quiet for this long: then what lay there has been printed. */
const QUIET_MS = 1_500;

export const addEvents = (program: Command): void => {
  program
    .command('events')
    .description('print what happened; --follow goes on with what happens')
    .option('--follow', 'go on until Ctrl-C; connects again when the connection is lost')
    .option('--since <id>', 'begin behind the event with this feed id, or at the "start" of what is kept')
    .action(withContext(events));
};

const events = async ({ client, output }: Context, flags: EventsFlags): Promise<void> => {
  const ended = new AbortController();
  const follow = flags.follow ?? false;
  const quiet = setTimeout(() => {
    if (!follow) ended.abort();
  }, QUIET_MS);
  process.once('SIGINT', () => {
    ended.abort();
  });
  try {
    await followFeed({
      url: client.url,
      from: beginning(flags.since, follow),
      signal: ended.signal,
      onLost: (sentence) => {
        output.note(sentence);
      },
      onMessage: ({ id, data }) => {
        quiet.refresh();
        const event = JSON.parse(data) as LiveEvent;
        output.value({ feedId: id, ...event }, () => line(event));
      },
    });
  } finally {
    clearTimeout(quiet);
  }
};

const beginning = (since: string | undefined, follow: boolean): 'start' | 'now' | { after: string } => {
  if (since === undefined) return follow ? 'now' : 'start';
  return since === 'start' ? 'start' : { after: since };
};

const line = ({ time, type, subject, data }: LiveEvent): string =>
  printable(`${time}  ${type.padEnd(26)} ${subject ?? ''}  ${JSON.stringify(data)}`);
