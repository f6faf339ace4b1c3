import { setTimeout as sleep } from 'node:timers/promises';
import { Option, type Command } from 'commander';
import type { TrainingRequestView } from '#contracts';
import { CliError } from '../cli-error.js';
import { Context } from '../context.js';
import { ProgressBar } from '../progress-bar.js';
import { RegistryRefusal, type RegistryClient } from '../registry.client.js';
import { datasetOf, withDatasetFlags, type DatasetFlags } from './dataset-flags.js';
import { finite, keyText, keyValue, parametersOf } from './parse-values.js';
import { requestLines } from './requests.js';

interface TrainFlags extends DatasetFlags {
  recipe?: string;
  preset?: string;
  param?: Record<string, unknown>;
  experiment?: string;
  promote?: 'policy' | 'never';
  register: boolean;
  tag?: Record<string, string>;
  priority?: number;
  onlyIfChanged?: boolean;
  wait?: boolean;
  follow?: boolean;
}

/** What the promotion policy made of the version. */
interface Decision {
  promoted: boolean;
  outcome: string;
  reason: string;
}

const over = new Set(['succeeded', 'failed', 'cancelled', 'timed-out', 'skipped']);
const POLL_MS = 200;
/** The registry lists a request when it has heard it on the bus: a moment after it was accepted. */
const LISTED_WITHIN_MS = 30_000;
/** The policy is asked when the registry hears of its own new version. */
const DECIDED_WITHIN_MS = 15_000;

export const addTrain = (program: Command): void => {
  withDatasetFlags(
    program
      .command('train <model>')
      .description('ask for a model to be trained')
      .usage('<model> [options] [--<parameter> <value> …]')
      .option('--recipe <id>', 'recipe to train with, such as random-forest (that of the preset)')
      .option('--preset <name>', 'preset to train (the current one, when there is no --recipe)')
      .option('--param <name=value>', 'parameter of the recipe, also written --name value; may be repeated', keyValue),
  )
    .option('--experiment <name>', 'experiment of the run (the model name)')
    .addOption(new Option('--promote <how>', 'never holds this version back').choices(['policy', 'never']))
    .option('--no-register', 'track the run, register no version')
    .option('--tag <name=value>', 'tag of the run; may be repeated', keyText)
    .option('--priority <number>', 'higher is trained first (0)', finite)
    .option('--only-if-changed', 'train only when recipe, parameters or data changed since the last training')
    .option('--wait', 'show how it goes until it is over; exit code 1 unless it succeeded or was skipped')
    .addOption(new Option('--follow', 'as --wait').hideHelp())
    .allowUnknownOption()
    .allowExcessArguments()
    .action((model: string, flags: TrainFlags, command: Command) =>
      train(new Context(command), model, flags, parametersOf(command.args.slice(1))),
    );
};

const train = async (
  { client, output }: Context,
  model: string,
  flags: TrainFlags,
  parameters: Record<string, unknown>,
): Promise<void> => {
  const accepted = (await client.post('/training-requests', requestOf(model, flags, parameters))) as { id: string };
  if (flags.wait !== true && flags.follow !== true) {
    output.value(accepted, () => `Asked for: ${accepted.id}\nSee how it goes: npx baton status ${accepted.id}`);
    return;
  }
  const bar = new ProgressBar(process.stderr);
  const outcome = await followed(
    accepted.id,
    (path) => client.get(path),
    (request) => {
      bar.show(request);
    },
  ).finally(() => {
    bar.end();
  });
  const promotion = outcome.version === null ? null : await decisionOn(client, outcome.model, outcome.version);
  output.value({ ...outcome, promotion }, () =>
    [requestLines(outcome), ...promotionLine(outcome, promotion)].join('\n'),
  );
  if (outcome.state !== 'succeeded' && outcome.state !== 'skipped')
    throw new CliError(`The training did not succeed: ${reasonOf(outcome)}`);
};

/** The body of the request. */
export const requestOf = (model: string, flags: TrainFlags, parameters: Record<string, unknown>): object => {
  const dataset = datasetOf(flags);
  return {
    model,
    ...(flags.recipe !== undefined && { recipe: flags.recipe }),
    ...(flags.preset !== undefined && { preset: flags.preset }),
    parameters: { ...flags.param, ...parameters },
    ...(flags.experiment !== undefined && { experiment: flags.experiment }),
    ...(dataset !== undefined && { dataset }),
    ...(flags.promote !== undefined && { promote: flags.promote }),
    register: flags.register,
    ...(flags.tag !== undefined && { tags: flags.tag }),
    ...(flags.priority !== undefined && { priority: flags.priority }),
    ...(flags.onlyIfChanged !== undefined && { onlyIfChanged: flags.onlyIfChanged }),
  };
};

const reasonOf = ({ state, error }: TrainingRequestView): string =>
  error === null ? `${state}.` : `${state}, ${error.message} (${error.code})`;

/** Asks until the request is over, telling each answer. */
export const followed = async (
  id: string,
  get: (path: string) => Promise<unknown>,
  show: (request: TrainingRequestView) => void,
): Promise<TrainingRequestView> => {
  const began = Date.now();
  for (;;) {
    const view = (await get(`/training-requests/${id}`).catch((error: unknown) => {
      if (error instanceof RegistryRefusal && error.status === 404 && Date.now() - began < LISTED_WITHIN_MS)
        return undefined;
      throw error;
    })) as TrainingRequestView | undefined;
    if (view !== undefined) {
      if (over.has(view.state)) return view;
      show(view);
    }
    await sleep(POLL_MS);
  }
};

/** Null when nothing was decided in time. */
const decisionOn = async (client: RegistryClient, model: string, version: number): Promise<Decision | null> => {
  const until = Date.now() + DECIDED_WITHIN_MS;
  for (;;) {
    const { policyDecision } = (await client.get(
      `/models/${encodeURIComponent(model)}/versions/${String(version)}`,
    )) as { policyDecision: Decision | null };
    if (policyDecision !== null || Date.now() > until) return policyDecision;
    await sleep(POLL_MS);
  }
};

const promotionLine = ({ id, version }: TrainingRequestView, decision: Decision | null): string[] => {
  if (version === null) return [];
  if (decision === null) return [`promoted nothing yet; see npx baton status ${id}`];
  const what = { promoted: 'promoted', staged: 'staged  ', pending: 'waiting ' }[decision.outcome] ?? 'held    ';
  return [`${what} version ${String(version)}: ${decision.reason}`];
};
