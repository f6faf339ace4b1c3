import { setTimeout as sleep } from 'node:timers/promises';
import { Option, type Command } from 'commander';
import type { TrainingRequestView } from '#contracts';
import { CliError } from '../cli-error.js';
import { withContext, type Context } from '../context.js';
import { RegistryRefusal } from '../registry.client.js';
import { finite, keyText, keyValue } from './parse-values.js';
import { requestLines } from './requests.js';

interface TrainFlags {
  recipe: string;
  param?: Record<string, unknown>;
  experiment?: string;
  dataset?: string;
  target?: string;
  testShare?: number;
  promote?: 'policy' | 'never';
  register: boolean;
  tag?: Record<string, string>;
  follow?: boolean;
}

const over = new Set(['succeeded', 'failed', 'cancelled', 'timed-out', 'skipped']);
const POLL_MS = 400;
/** The registry lists a request when it has heard it on the bus: a moment after it was accepted. */
const LISTED_WITHIN_MS = 30_000;

export const addTrain = (program: Command): void => {
  program
    .command('train <model>')
    .description('ask for a model to be trained')
    .requiredOption('--recipe <id>', 'recipe to train with, such as random-forest')
    .option('--param <name=value>', 'parameter of the recipe; may be repeated', keyValue)
    .option('--experiment <name>', 'experiment of the run (the model name)')
    .option('--dataset <uri>', 'iris, file:…, http(s):… or s3://bucket/key (iris)')
    .option('--target <column>', 'column to predict (the last one)')
    .option('--test-share <share>', 'share of the rows held out for the metrics', finite)
    .addOption(new Option('--promote <how>', 'never holds this version back').choices(['policy', 'never']))
    .option('--no-register', 'track the run, register no version')
    .option('--tag <name=value>', 'tag of the run; may be repeated', keyText)
    .option('--follow', 'wait for the outcome; exit code 1 unless it succeeded')
    .action(withContext(train));
};

const train = async ({ client, output }: Context, model: string, flags: TrainFlags): Promise<void> => {
  if (flags.dataset === undefined && (flags.target !== undefined || flags.testShare !== undefined))
    flags.dataset = 'iris';
  const accepted = (await client.post('/training-requests', {
    model,
    recipe: flags.recipe,
    parameters: flags.param ?? {},
    ...(flags.experiment !== undefined && { experiment: flags.experiment }),
    ...(flags.dataset !== undefined && {
      dataset: {
        uri: flags.dataset,
        ...(flags.target !== undefined && { target: flags.target }),
        ...(flags.testShare !== undefined && { testShare: flags.testShare }),
      },
    }),
    ...(flags.promote !== undefined && { promote: flags.promote }),
    register: flags.register,
    ...(flags.tag !== undefined && { tags: flags.tag }),
  })) as { id: string };
  if (flags.follow !== true) {
    output.value(accepted, () => `Asked for: ${accepted.id}\nSee how it goes: npx baton status ${accepted.id}`);
    return;
  }
  const outcome = await followed(
    accepted.id,
    (path) => client.get(path),
    (sentence) => {
      output.note(sentence);
    },
  );
  output.value(outcome, () => requestLines(outcome));
  if (outcome.state !== 'succeeded') throw new CliError(`The training did not succeed: ${reasonOf(outcome)}`);
};

const reasonOf = ({ state, error }: TrainingRequestView): string =>
  error === null ? `${state}.` : `${state}, ${error.message} (${error.code})`;

/** Asks until the request is over, saying each change once. */
export const followed = async (
  id: string,
  get: (path: string) => Promise<unknown>,
  say: (sentence: string) => void,
): Promise<TrainingRequestView> => {
  const began = Date.now();
  let last = '';
  for (;;) {
    const view = (await get(`/training-requests/${id}`).catch((error: unknown) => {
      if (error instanceof RegistryRefusal && error.status === 404 && Date.now() - began < LISTED_WITHIN_MS)
        return undefined;
      throw error;
    })) as TrainingRequestView | undefined;
    if (view !== undefined) {
      const now = `${view.state}${view.message === '' ? '' : `: ${view.message}`}`;
      if (now !== last) say(now);
      last = now;
      if (over.has(view.state)) return view;
    }
    await sleep(POLL_MS);
  }
};
