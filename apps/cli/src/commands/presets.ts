import type { Command } from 'commander';
import type { PresetsView, PresetView } from '#contracts';
import { CliError } from '../cli-error.js';
import { Context, withContext } from '../context.js';
import { printable, table } from '../output.js';
import { datasetOf, withDatasetFlags, type DatasetFlags } from './dataset-flags.js';
import { keyValue, parametersOf } from './parse-values.js';

interface PresetFlags extends DatasetFlags {
  recipe: string;
  param?: Record<string, unknown>;
}

export const addPresets = (program: Command): void => {
  const preset = program.command('preset').description('recipe, parameters and data set of a model, under a name');
  preset.command('list <model>').description('list the presets of a model').action(withContext(list));
  preset.command('show <model> <preset>').description('show one').action(withContext(show));
  withDatasetFlags(
    preset
      .command('set <model> <preset>')
      .description('keep one; the first of a model becomes its current one')
      .usage('<model> <preset> --recipe <id> [options] [--<parameter> <value> …]')
      .requiredOption('--recipe <id>', 'recipe to train with, such as random-forest')
      .option('--param <name=value>', 'parameter of the recipe; may be repeated', keyValue),
  )
    .allowUnknownOption()
    .allowExcessArguments()
    .action((model: string, name: string, flags: PresetFlags, command: Command) =>
      set(new Context(command), [model, name], flags, parametersOf(command.args.slice(2))),
    );
  preset
    .command('use <model> <preset>')
    .description('train this one from now on, when a request names neither recipe nor preset')
    .action(withContext(use));
  preset.command('remove <model> <preset>').description('forget one').action(withContext(remove));
};

const path = (model: string, preset?: string): string =>
  `/models/${encodeURIComponent(model)}/presets${preset === undefined ? '' : `/${encodeURIComponent(preset)}`}`;

const list = async ({ client, output }: Context, model: string): Promise<void> => {
  const answer = (await client.get(path(model))) as PresetsView;
  output.value(answer, () =>
    table(
      ['', 'PRESET', 'RECIPE', 'PARAMETERS', 'DATA SET'],
      answer.presets.map((each) => [
        each.current ? '*' : '',
        each.name,
        each.recipe,
        each.parameters,
        each.dataset?.uri ?? 'iris',
      ]),
      `${model} has no preset yet. Keep one: npx baton preset set ${model} v1 --recipe random-forest`,
    ),
  );
};

const show = async ({ client, output }: Context, model: string, name: string): Promise<void> => {
  tell(output, (await client.get(path(model, name))) as PresetView);
};

const set = async (
  { client, output }: Context,
  [model, name]: [string, string],
  { recipe, param, ...flags }: PresetFlags,
  parameters: Record<string, unknown>,
): Promise<void> => {
  const dataset = datasetOf(flags);
  const preset = { recipe, parameters: { ...param, ...parameters }, ...(dataset !== undefined && { dataset }) };
  tell(output, (await client.put(path(model, name), preset)) as PresetView);
};

const use = async ({ client, output }: Context, model: string, preset: string): Promise<void> => {
  const answer = await client.put(`/models/${encodeURIComponent(model)}/current-preset`, { preset });
  tell(output, answer as PresetView);
};

const remove = async ({ client, output }: Context, model: string, name: string): Promise<void> => {
  if (name === '') throw new CliError('Name the preset.', 2);
  await client.delete(path(model, name));
  output.value({ model, name, removed: true }, () => `Removed the preset ${name} of ${model}.`);
};

const tell = (output: Context['output'], preset: PresetView): void => {
  output.value(preset, () =>
    [
      `${preset.model} ${preset.name}: ${preset.recipe} ${JSON.stringify(preset.parameters)}`,
      `data set ${preset.dataset === null ? 'iris' : JSON.stringify(preset.dataset)}`,
      ...(preset.current ? ['current'] : []),
    ]
      .map(printable)
      .join('\n'),
  );
};
