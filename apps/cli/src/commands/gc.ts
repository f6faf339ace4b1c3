import { InvalidArgumentError, type Command } from 'commander';
import type { GarbageView } from '#contracts';
import { withContext, type Context } from '../context.js';
import { printable, table } from '../output.js';
import { RegistryClient } from '../registry.client.js';

/** A collection walks through the whole store. */
const TIMEOUT_MS = 6 * 3_600_000;

interface Flags {
  apply?: boolean;
  olderThan?: string;
  runIds?: string[];
  experimentIds?: string[];
  loggedModelIds?: string[];
}

const list = (text: string): string[] => {
  const ids = text
    .split(',')
    .map((id) => id.trim())
    .filter(Boolean);
  if (ids.length === 0) throw new InvalidArgumentError('It names no id.');
  return ids;
};

export const addGc = (program: Command): void => {
  program
    .command('gc')
    .description('remove what was deleted and what nothing refers to, from the database and the store')
    .option('--apply', 'do it; without, only say what would go')
    .option('--older-than <age>', 'only what was deleted at least this long ago, such as 30d or 2d8h5m20s')
    .option('--run-ids <ids>', 'only these deleted runs, comma separated', list)
    .option('--experiment-ids <ids>', 'only these deleted experiments with all that is in them', list)
    .option('--logged-model-ids <ids>', 'only these deleted logged models', list)
    .action(withContext(collect));
};

const collect = async ({ client, output }: Context, flags: Flags): Promise<void> => {
  const patient = new RegistryClient(client.url, TIMEOUT_MS);
  const report = (await patient.post('/gc', { ...flags })) as GarbageView;
  output.value(report, () => {
    const { applied, removed, kept, sizeBytes } = report;
    const rows = removed.map((each) => [each.kind, each.id, String(each.sizeBytes)]);
    return [
      table(['KIND', applied ? 'REMOVED' : 'WOULD GO', 'BYTES'], rows, 'Nothing is garbage.'),
      ...kept.map((each) => `kept: ${each.kind} ${printable(each.id)}, because ${printable(each.reason)}`),
      `${String(removed.length)} in all, ${String(sizeBytes)} bytes${applied ? '' : '; --apply removes them'}.`,
    ].join('\n');
  });
};
