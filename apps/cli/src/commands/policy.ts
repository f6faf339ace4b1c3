import { Argument, Option, type Command } from 'commander';
import type { GivenPromotionPolicy } from '#contracts';
import { CliError } from '../cli-error.js';
import { withContext, type Context } from '../context.js';
import { finite } from './parse-values.js';

interface StopFlags {
  signatureChanges?: 'allow' | 'refuse';
  stage?: 'Production' | 'Staging';
}

interface GateFlags extends StopFlags {
  metric?: string;
  direction?: 'higher' | 'lower';
  minimum?: number;
  betterThanProduction?: boolean;
}

type Kind = GivenPromotionPolicy['kind'];

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
    .addOption(
      new Option('--signature-changes <what>', 'always, gate: may the columns change').choices(['allow', 'refuse']),
    )
    .addOption(new Option('--stage <stage>', 'always, gate: how far it goes').choices(['Production', 'Staging']))
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
export const policyOf = (kind: Kind, flags: GateFlags): GivenPromotionPolicy => {
  const { metric, direction, minimum, betterThanProduction, ...stops } = flags;
  if (kind === 'manual') {
    refuse(flags, 'the kinds "always" and "gate"');
    return { kind };
  }
  if (kind === 'always') {
    refuse({ metric, direction, minimum, betterThanProduction }, 'the kind "gate"');
    return { kind, ...stops };
  }
  if (metric === undefined || direction === undefined)
    throw new CliError('A gate needs --metric and --direction, for example --metric accuracy --direction higher.', 2);
  return {
    kind,
    metric,
    direction,
    ...(minimum !== undefined && { minimum }),
    betterThanProduction: betterThanProduction ?? false,
    ...stops,
  };
};

const refuse = (flags: GateFlags, kinds: string): void => {
  const [given] = Object.entries(flags).filter(([, value]) => value !== undefined);
  if ((given as [string, unknown] | undefined) !== undefined)
    throw new CliError(`--${dashed(given[0])} goes with ${kinds} only.`, 2);
};

const dashed = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
