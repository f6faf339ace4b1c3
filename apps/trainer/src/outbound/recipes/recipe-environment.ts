import { join } from 'node:path';
import type { ExternalRecipe } from '../../core/recipe-declaration.js';
import type { RecipeEnvironment, WorkFolder } from '../../core/recipe-runner.js';

/** Where programs are, whatever the trainer's own search path: what a recipe needs of it is nothing secret. */
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * The whole environment of an external recipe: the contract's variables, what its declaration sets, and of the trainer's own
 * what the declaration names.
 */
export const recipeEnvironment = (
  { environment, inherit, takesRun }: ExternalRecipe,
  { trackingUri, token, model, experiment, runId, attempt }: RecipeEnvironment,
  folder: WorkFolder,
): Record<string, string> => ({
  PATH,
  LANG: 'C.UTF-8',
  // What it writes to its home counts as its work, and goes with it.
  HOME: folder.path,
  TMPDIR: join(folder.path, 'tmp'),
  // A line that is held back is no progress.
  PYTHONUNBUFFERED: '1',
  PYTHONDONTWRITEBYTECODE: '1',
  ...Object.fromEntries(
    inherit.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  ),
  ...environment,
  MLFLOW_TRACKING_URI: trackingUri,
  ...(token !== undefined && { MLFLOW_TRACKING_TOKEN: token }),
  MLFLOW_EXPERIMENT_NAME: experiment,
  // Tags of every run that MLflow's fluent client begins: by them the trainer finds what a script logged that knows nothing of it.
  ...(takesRun
    ? { MLFLOW_RUN_ID: runId }
    : { MLFLOW_RUN_CONTEXT: JSON.stringify({ 'mlflow.parentRunId': runId, 'baton.parentRunId': runId }) }),
  TRAINER_INPUT_DIR: join(folder.path, 'input'),
  TRAINER_OUTPUT_DIR: join(folder.path, 'output'),
  TRAINER_ATTEMPT: String(attempt),
  TRAINER_MODEL: model,
});

const FOR_PIP = /^(PATH|HOME|LANG|TMPDIR|PIP_\w+|(https?|all|no)_proxy|SSL_CERT_(FILE|DIR)|REQUESTS_CA_BUNDLE)$/i;

/** What making a Python environment takes of the trainer's own: where programs and packages are found, and whom to trust. */
export const pipEnvironment = (): Record<string, string> => {
  const known = Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined && FOR_PIP.test(entry[0])),
  ); // prettier-ignore
  // pip before 24.2 does not look at it: Debian 12 has such a one.
  return { ...('SSL_CERT_FILE' in known && { PIP_CERT: known.SSL_CERT_FILE }), ...known };
};
