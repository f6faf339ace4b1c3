import type { LoggedRun } from '../../core/tracking.js';
import type { MlflowClient } from './mlflow.client.js';
import { versionOf, type VersionAnswer } from './version-answer.js';

interface RunAnswer {
  info: { run_id: string; start_time?: number };
  data?: { metrics?: { key: string; value: number | string }[] };
  outputs?: { model_outputs?: { model_id: string }[] };
}
interface VersionsAnswer {
  model_versions?: ({ name: string } & VersionAnswer)[];
}
interface ExperimentsAnswer {
  experiments?: { experiment_id: string }[];
  next_page_token?: string;
}

/** A script that begins more runs than this has no single answer anyway; the latest are looked at. */
const MOST_RUNS = 100;

/**
 * The trainer's run and those that a recipe began while it worked, in whatever experiment: they carry the tag that
 * `MLFLOW_RUN_CONTEXT` gave them, or the request's own.
 */
export const runsUnder = async (mlflow: MlflowClient, runId: string, requestId: string): Promise<LoggedRun[]> => {
  const { run } = await mlflow.get<{ run: RunAnswer }>('runs/get', { run_id: runId });
  const experiments = await experimentIds(mlflow);
  const found = new Map([[runId, run]]);
  for (const filter of [`tags.\`baton.parentRunId\` = '${runId}'`, `tags.\`baton.requestId\` = '${requestId}'`]) {
    const { runs = [] } = await mlflow.post<{ runs?: RunAnswer[] }>('runs/search', {
      experiment_ids: experiments,
      filter,
      max_results: MOST_RUNS,
      order_by: ['attributes.start_time DESC'],
    });
    for (const each of runs) found.set(each.info.run_id, each);
  }
  const inOrder = [...found.values()].sort((a, b) => (a.info.start_time ?? 0) - (b.info.start_time ?? 0));
  return Promise.all(inOrder.map((each) => withVersions(mlflow, each)));
};

const withVersions = async (mlflow: MlflowClient, { info, data, outputs }: RunAnswer): Promise<LoggedRun> => {
  const { model_versions = [] } = await mlflow.get<VersionsAnswer>('model-versions/search', {
    filter: `run_id = '${info.run_id}'`,
    max_results: '100',
  });
  return {
    runId: info.run_id,
    // "NaN" and "Infinity" come as texts.
    metrics: Object.fromEntries((data?.metrics ?? []).map(({ key, value }) => [key, Number(value)])),
    modelIds: (outputs?.model_outputs ?? []).map(({ model_id }) => model_id),
    versions: model_versions.map(({ name, ...version }) => ({ model: name, ...versionOf(version) })),
  };
};

/** A script may set any experiment, so that all are searched. */
const experimentIds = async (mlflow: MlflowClient): Promise<string[]> => {
  const ids: string[] = [];
  let token: string | undefined;
  do {
    const page: ExperimentsAnswer = await mlflow.post('experiments/search', {
      max_results: 1000,
      ...(token !== undefined && { page_token: token }),
    });
    ids.push(...(page.experiments ?? []).map(({ experiment_id }) => experiment_id));
    token = page.next_page_token;
  } while (token !== undefined && token !== '');
  return ids;
};
