import { ask, Hopeless, until } from './asking.js';

/** pip fetches a gigabyte at first use. */
const PYTHON_MS = 1_500_000;

interface Training {
  id: string;
  state: string;
  runId: string | null;
  version: number | null;
  error: { code: string; message: string } | null;
}

/** The plots of the first training: drawn by a native package, with letters of fonts that the image brings. */
export const checkPlots = async (registry: string): Promise<void> => {
  const { requests } = JSON.parse(await ask(`${registry}/api/v1/training-requests`)) as { requests: Training[] };
  const run = requests.at(-1)?.runId ?? 'none';
  const listed = await ask(`${registry}/api/2.0/mlflow/artifacts/list?run_id=${run}&path=plots`);
  const { files = [] } = JSON.parse(listed) as { files?: { path: string; file_size: number }[] };
  for (const name of ['plots/confusion_matrix.svg', 'plots/confusion_matrix.png'])
    if (!files.some(({ path, file_size }) => path === name && file_size > 1_000))
      throw new Error(`The run has no ${name}: ${listed}`);
};

/** A person's own script, which logs a pickle: both it and the conversion run in Python within the trainer's container. */
export const trainByScript = async (registry: string, predictor: string): Promise<void> => {
  const requests = `${registry}/api/v1/training-requests`;
  const request = { model: 'IrisModel', recipe: 'python-script', parameters: { script: 'train_iris.py' } };
  const { id } = JSON.parse(await ask(requests, request)) as Training;
  let trained: Training | undefined;
  await until(PYTHON_MS, async () => {
    const view = JSON.parse(await ask(`${requests}/${id}`)) as Training;
    if (view.error !== null) throw new Hopeless(`${view.error.code}: ${view.error.message}`);
    if (view.state !== 'succeeded') throw new Error(`The script is ${view.state}.`);
    trained = view;
  });
  await until(PYTHON_MS, async () => {
    const { requests: all } = JSON.parse(await ask(requests)) as { requests: Training[] };
    const failed = all.find(({ error }) => error !== null);
    if (failed !== undefined) throw new Hopeless(JSON.stringify(failed));
    const rows = [
      { sepal_length: 5.1, sepal_width: 3.5, petal_length: 1.4, petal_width: 0.2 },
      { sepal_length: 6.0, sepal_width: 2.9, petal_length: 4.5, petal_width: 1.5 },
    ];
    const answer = await ask(`${predictor}/predict`, rows);
    const { predictions, model_version } = JSON.parse(answer) as { predictions: unknown; model_version: string };
    if (JSON.stringify(predictions) !== '[0,1]' || model_version !== String(trained?.version))
      throw new Error(`Version ${String(trained?.version)} is to answer [0,1], but: ${answer}`);
  });
};

/** Run in the container: tells processes of recipes, and what ended without anybody taking notice. */
export const LEFTOVERS = `
const { readdirSync, readFileSync } = require('node:fs');
const all = readdirSync('/proc').filter((name) => /^\\d+$/.test(name)).flatMap((pid) => {
  try {
    const [, name, state] = /\\((.*)\\) (\\S)/s.exec(readFileSync('/proc/' + pid + '/stat', 'latin1'));
    return [{ pid, name, state }];
  } catch {
    return [];
  }
});
const left = all.filter(({ name, state }) => state === 'Z' || /python|^sh$|^cat$/.test(name));
console.log(JSON.stringify(left));`;
