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
import { TrainingLog } from './training-log.js';

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
  log?: boolean;
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
/** The training goes on without the registry; who waits for it may, too. */
const AWAY_FOR_MS = 60_000;
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
    .option('--log', 'as --wait, with the lines that the recipe prints (on stderr)')
    .allowUnknownOption()
    .allowExcessArguments()
    .action((model: string, flags: TrainFlags, command: Command) =>
      train(new Context(command), model, flags, parametersOf(command.args.slice(1))),
    );
};

const train = async (
  context: Context,
  model: string,
  flags: TrainFlags,
  parameters: Record<string, unknown>,
): Promise<void> => {
  const bar = new ProgressBar(process.stderr);
  const log = new TrainingLog((line) => {
    bar.say(line);
  });
  if (flags.log === true) log.follow(context.client.url);
  try {
    await asked(context, flags, requestOf(model, flags, parameters), { bar, log });
  } finally {
    await log.end();
  }
};

const asked = async (
  { client, output }: Context,
  flags: TrainFlags,
  request: object,
  { bar, log }: { bar: ProgressBar; log: TrainingLog },
): Promise<void> => {
  const accepted = (await client.post('/training-requests', request)) as { id: string };
  if (flags.wait !== true && flags.follow !== true && flags.log !== true) {
    output.value(accepted, () => `Asked for: ${accepted.id}\nSee how it goes: npx baton status ${accepted.id}`);
    return;
  }
  log.of(accepted.id);
  const outcome = await followed(
    accepted.id,
    (path) => client.get(path),
    (view) => {
      bar.show(view);
    },
  ).finally(async () => {
    await log.end();
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

/** Asks until the request is over, telling each answer. A registry that is started anew meanwhile ends nothing. */
export const followed = async (
  id: string,
  get: (path: string) => Promise<unknown>,
  show: (request: TrainingRequestView) => void,
): Promise<TrainingRequestView> => {
  let heard = Date.now();
  for (;;) {
    const view = (await get(`/training-requests/${id}`).catch((error: unknown) => {
      const silentMs = Date.now() - heard;
      const isRefusal = error instanceof RegistryRefusal && error.status < 500;
      if (isRefusal ? error.status === 404 && silentMs < LISTED_WITHIN_MS : silentMs < AWAY_FOR_MS) return undefined;
      throw error;
    })) as TrainingRequestView | undefined;
    if (view !== undefined) {
      heard = Date.now();
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
