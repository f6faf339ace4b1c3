import { Argument, Option, type Command } from 'commander';
import type { PromotionPolicy } from '#contracts';
import { CliError } from '../cli-error.js';
import { withContext, type Context } from '../context.js';
import { finite } from './parse-values.js';

interface GateFlags {
  metric?: string;
  direction?: 'higher' | 'lower';
  minimum?: number;
  betterThanProduction?: boolean;
}

type Kind = PromotionPolicy['kind'];

export const addPolicy = (program: Command): void => {
  const policy = program.command('policy').description('what happens to a new version of a model');
  policy.command('get <model>').description('show the policy').action(withContext(show));
  policy
    .command('set')
    .description('set the policy')
    .argument('<model>')
    .addArgument(new Argument('<kind>', 'what happens to a new version').choices(['always', 'manual', 'gate']))
    .option('--metric <name>', 'gate: metric to look at, such as accuracy')
    .addOption(new Option('--direction <which>', 'gate: which way is better').choices(['higher', 'lower']))
    .option('--minimum <value>', 'gate: the worst value that is promoted', finite)
    .option('--better-than-production', 'gate: must beat the version that is served')
    .action(withContext(set));
};

const path = (model: string): string => `/models/${encodeURIComponent(model)}/policy`;

const show = async ({ client, output }: Context, model: string): Promise<void> => {
  const policy = await client.get(path(model));
  output.value(policy, () => JSON.stringify(policy));
};

const set = async ({ client, output }: Context, model: string, kind: Kind, flags: GateFlags): Promise<void> => {
  const policy = await client.put(path(model), policyOf(kind, flags));
  output.value(policy, () => JSON.stringify(policy));
};

/** @throws CliError when flags and kind do not go together. */
export const policyOf = (kind: Kind, flags: GateFlags): PromotionPolicy => {
  if (kind !== 'gate') {
    if (Object.keys(flags).length > 0)
      throw new CliError(`--${dashed(Object.keys(flags)[0])} goes with the kind "gate" only.`, 2);
    return { kind };
  }
  if (flags.metric === undefined || flags.direction === undefined)
    throw new CliError('A gate needs --metric and --direction, for example --metric accuracy --direction higher.', 2);
  return {
    kind,
    metric: flags.metric,
    direction: flags.direction,
    ...(flags.minimum !== undefined && { minimum: flags.minimum }),
    betterThanProduction: flags.betterThanProduction ?? false,
  };
};

const dashed = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
