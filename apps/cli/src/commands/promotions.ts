import type { Command } from 'commander';
import type { PromotionPending, PromotionView } from '#contracts';
import { withContext, type Context } from '../context.js';
import { printable, table } from '../output.js';
import { version } from './parse-values.js';

interface ReasonFlag {
  reason: string;
}

export const addPromotions = (program: Command): void => {
  program
    .command('promote')
    .description('make a version the one that is served')
    .argument('<model>')
    .argument('<version>', 'version to promote', version)
    .option('--reason <text>', 'why; kept with the promotion', '')
    .action(withContext(promote));
  program
    .command('rollback <model>')
    .description('promote the version promoted before, or a named one')
    .option('--to <version>', 'version to go back to', version)
    .option('--reason <text>', 'why; kept with the promotion', '')
    .action(withContext(rollback));
  program
    .command('retire <model>')
    .description('take a model out of service')
    .option('--reason <text>', 'why; kept with the retirement', '')
    .action(withContext(retire));
  program.command('promotions <model>').description('list what was promoted, newest first').action(withContext(list));
};

const path = (model: string): string => `/models/${encodeURIComponent(model)}`;

const promote = async (
  { client, output }: Context,
  model: string,
  to: number,
  { reason }: ReasonFlag,
): Promise<void> => {
  const answer = (await client.post(`${path(model)}/promotions`, { version: to, reason })) as
    PromotionView | PromotionPending;
  output.value(answer, () => ('pending' in answer ? waiting(answer) : line(answer)));
};

const rollback = async (
  { client, output }: Context,
  model: string,
  { to, reason }: ReasonFlag & { to?: number },
): Promise<void> => {
  const promotion = (await client.post(`${path(model)}/rollback`, {
    ...(to !== undefined && { to }),
    reason,
  })) as PromotionView;
  output.value(promotion, () => line(promotion));
};

const retire = async ({ client, output }: Context, model: string, { reason }: ReasonFlag): Promise<void> => {
  const answer = await client.delete(`${path(model)}/promotions?${new URLSearchParams({ reason }).toString()}`);
  output.value(answer ?? { model, version: null }, () => `${printable(model)} is retired.`);
};

const list = async ({ client, output }: Context, model: string): Promise<void> => {
  const answer = await client.get(`${path(model)}/promotions`);
  const promotions = (
    Array.isArray(answer) ? answer : ((answer as { promotions?: unknown }).promotions ?? [])
  ) as PromotionView[];
  output.value(answer, () =>
    table(
      ['GENERATION', 'VERSION', 'CAUSE', 'BY', 'AT', 'REASON'],
      promotions.map((each) => [
        each.generation,
        each.version ?? 'retired',
        each.cause,
        each.promotedBy,
        each.promotedAt,
        each.reason,
      ]),
      `${printable(model)} was never promoted.`,
    ),
  );
};

const waiting = ({ model, pending: { version: to, why } }: PromotionPending): string =>
  `${printable(model)}: version ${String(to)} is promoted once an ONNX file is attached to it (${printable(why)}).`;

const line = ({ model, version: promoted, previousVersion, generation }: PromotionView): string =>
  `${printable(model)}: version ${String(promoted)} is promoted (generation ${String(generation)}${
    previousVersion === null ? '' : `, before: version ${String(previousVersion)}`
  }).`;
