import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { messageOf, readSettings } from '#runtime';
import { CliError } from '../cli-error.js';
import { withContext, type Context } from '../context.js';
import { Comparison } from '../import/compare.js';
import type { Difference } from '../import/differences.js';
import { ImportModels } from '../import/import-models.js';
import { ImportRuns } from '../import/import-runs.js';
import { ImportTarget } from '../import/import-target.js';
import { MlflowClient } from '../import/mlflow.client.js';
import { MlflowReader } from '../import/mlflow-reader.js';
import type { WireExperiment, WireModel } from '../import/mlflow-shapes.js';
import { Tally } from '../import/tally.js';
import { table } from '../output.js';

interface Flags {
  from: string;
  experiments?: string[];
  models?: string[];
  dryRun?: boolean;
  promoteProduction?: boolean;
  report?: string;
}

const SHOWN = 50;

const names = (text: string): string[] =>
  text
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);

export const addImport = (program: Command): void => {
  program
    .command('import')
    .description('copy the history of another server')
    .command('mlflow')
    .description('copy experiments, runs, artifacts and models of an MLflow server; run it again to go on')
    .requiredOption('--from <url>', 'its tracking URI; MLFLOW_TRACKING_USERNAME, _PASSWORD and _TOKEN are used')
    .option('--experiments <names>', 'only these, by name or id, comma separated (an empty list: none)', names)
    .option('--models <names>', 'only these registered models, comma separated (an empty list: none)', names)
    .option('--promote-production', 'promote the newest version in stage Production of each model')
    .option('--dry-run', 'say what there is, and copy nothing')
    .option(
      '--report <file>',
      'write what was copied, the problems and the differences as JSON, also when it is broken off',
    )
    .action(withContext(importMlflow));
};

const importMlflow = async (context: Context, flags: Flags): Promise<void> => {
  if (!URL.canParse(flags.from) || !/^https?:/.test(flags.from))
    throw new CliError(`--from takes an address such as http://mlflow.example.com:5000, not "${flags.from}".`, 2);
  const tally = new Tally((line) => {
    context.output.note(line);
  });
  const settings = readSettings();
  const source = new MlflowReader(
    new MlflowClient(flags.from, {
      username: settings.MLFLOW_TRACKING_USERNAME,
      password: settings.MLFLOW_TRACKING_PASSWORD,
      token: settings.MLFLOW_TRACKING_TOKEN,
    }),
  );
  const target = new ImportTarget(new MlflowClient(context.client.url), tally);
  const here = new MlflowReader(target.mlflow);
  const experiments = await chosenExperiments(source, flags.experiments);
  const models = await chosenModels(source, flags.models);
  if (flags.dryRun) {
    await listWhatThereIs(context, source, experiments, models);
    return;
  }
  const runs = new ImportRuns(source, here, target, tally);
  const comparison = new Comparison(source, here, runs.experiments);
  const reportOf = (brokenOff?: unknown) => ({
    from: source.client.url,
    registry: here.client.url,
    ...(brokenOff !== undefined && { brokenOff: messageOf(brokenOff) }),
    copied: tally.counts,
    experiments: Object.fromEntries(runs.experiments),
    problems: tally.problems,
    differences: comparison.differences,
  });
  const write = async (report: object): Promise<void> => {
    if (flags.report !== undefined) await writeFile(flags.report, `${JSON.stringify(report, null, 2)}\n`);
  };
  try {
    const above = Math.max(0, ...(await source.experiments()).map(({ experiment_id }) => Number(experiment_id)));
    for (const experiment of experiments) await runs.experiment(experiment, above);
    const registered = new ImportModels(source, target, runs.places, tally);
    for (const model of models) await registered.model(model, flags.promoteProduction ?? false);
    tally.say();
    context.output.note('Reading both sides to compare them.');
    for (const experiment of experiments) await comparison.experiment(experiment);
    for (const model of models) await comparison.model(model);
  } catch (error) {
    await write(reportOf(error));
    throw error;
  }
  const renumbered = [...runs.experiments].filter(([there, id]) => there !== id);
  const { problems } = tally;
  const { differences } = comparison;
  const report = reportOf();
  await write(report);
  for (const [there, id] of renumbered) context.output.note(`Experiment ${there} is ${id} here: its id was taken.`);
  context.output.value(report, () => differencesText(differences));
  if (problems.length > 0 || differences.length > 0)
    throw new CliError(
      `${String(problems.length)} problems and ${String(differences.length)} differences are left; ${flags.report === undefined ? '--report <file> writes them all' : `${flags.report} has them all`}.`,
    );
};

const differencesText = (differences: Difference[]): string =>
  table(
    ['WHAT', 'FIELD', 'THERE', 'HERE'],
    differences.slice(0, SHOWN).map(({ what, field, there, here }) => [what, field, there, here]),
    'Both sides are the same.',
  );

const chosenExperiments = async (source: MlflowReader, asked: string[] | undefined): Promise<WireExperiment[]> => {
  const all = await source.experiments();
  if (asked === undefined) return all;
  return asked.map((name) => {
    const found = all.find((each) => each.name === name) ?? all.find((each) => each.experiment_id === name);
    if (found === undefined) throw new CliError(`There is no experiment "${name}" on ${source.client.url}.`, 2);
    return found;
  });
};

const chosenModels = async (source: MlflowReader, asked: string[] | undefined): Promise<WireModel[]> => {
  const all = await source.models();
  if (asked === undefined) return all;
  return asked.map((name) => {
    const found = all.find((each) => each.name === name);
    if (found === undefined) throw new CliError(`There is no registered model "${name}" on ${source.client.url}.`, 2);
    return found;
  });
};

const listWhatThereIs = async (
  { output }: Context,
  source: MlflowReader,
  experiments: WireExperiment[],
  models: WireModel[],
): Promise<void> => {
  const found: { experiment: string; id: string; runs: number; loggedModels: number; lifecycle: string }[] = [];
  for (const { experiment_id, name, lifecycle_stage } of experiments) {
    let runs = 0;
    for await (const ids of source.runIds(experiment_id)) runs += ids.length;
    const loggedModels = (await source.loggedModels(experiment_id)).length;
    found.push({ experiment: name, id: experiment_id, runs, loggedModels, lifecycle: lifecycle_stage ?? 'active' });
  }
  const registered: { model: string; versions: number }[] = [];
  for (const { name } of models) registered.push({ model: name, versions: (await source.versions(name)).length });
  output.value({ experiments: found, models: registered }, () =>
    [
      table(
        ['EXPERIMENT', 'ID', 'RUNS', 'LOGGED MODELS', ''],
        found.map((each) => Object.values(each)),
        'No experiments.',
      ),
      table(
        ['MODEL', 'VERSIONS'],
        registered.map((each) => Object.values(each)),
        'No models.',
      ),
    ].join('\n\n'),
  );
};
