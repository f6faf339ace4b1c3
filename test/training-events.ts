import type { TrainingCompleted, TrainingRequestView } from '#contracts';
import type { EventBus } from '#messaging';
import { requestIdOf } from '#runtime';
import { eventually } from '#testing';
import type { Platform } from './platform.js';

const text = new TextEncoder();

/** One bare JSON line with a key and no headers, as `kcat -P -k` sends it. */
export const sendBare = (bus: EventBus, key: string, line: string): Promise<void> =>
  bus.publishRecord({ topic: 'training.requested', key, value: text.encode(line), headers: {} });

/** A CloudEvent of a source and id; answers the id of the training request that everyone derives from them. */
export const sendEvent = async (
  bus: EventBus,
  { source, id, data }: { source: string; id: string; data: { model: string } },
): Promise<string> => {
  await bus.publish('training.requested', data.model, {
    id,
    source,
    type: 'training.requested',
    time: new Date().toISOString(),
    data,
  });
  return requestIdOf(source, id);
};

const json = async <T>(url: string, init?: RequestInit): Promise<T> => {
  const answer = await fetch(url, init);
  if (!answer.ok) throw new Error(`${url} answered ${String(answer.status)}: ${await answer.text()}`);
  return (await answer.json()) as T;
};

const over = ['succeeded', 'failed', 'cancelled', 'timed-out', 'skipped'];

/** The requests for a model, as the registry lists them. */
export const requestsOf = async (platform: Platform, model: string): Promise<TrainingRequestView[]> => {
  const { requests } = await json<{ requests: TrainingRequestView[] }>(
    `${platform.registryUrl}/api/v1/training-requests`,
  );
  return requests.filter((request) => request.model === model);
};

/** Waits until the registry lists this many ended requests for the model. */
export const ended = (
  platform: Platform,
  model: string,
  count: number,
  timeoutMs = 90_000,
): Promise<TrainingRequestView[]> =>
  eventually(
    async () => {
      const requests = await requestsOf(platform, model);
      const done = requests.filter(({ state }) => over.includes(state));
      if (done.length < count)
        throw new Error(`${String(done.length)} of ${String(count)} ended: ${JSON.stringify(requests)}`);
      return done;
    },
    timeoutMs,
    200,
  );

interface Run {
  info: { run_id: string; status: string };
}

/** The runs in the experiment of a model, by MLflow's API. */
export const runsOf = async (platform: Platform, experiment: string): Promise<Run[]> => {
  const api = `${platform.registryUrl}/api/2.0/mlflow`;
  const query = new URLSearchParams({ experiment_name: experiment }).toString();
  const found = await json<{ experiment: { experiment_id: string } }>(`${api}/experiments/get-by-name?${query}`);
  const { runs = [] } = await json<{ runs?: Run[] }>(`${api}/runs/search`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ experiment_ids: [found.experiment.experiment_id] }),
  });
  return runs;
};

/** The versions of a registered model, by MLflow's API. */
export const versionsOf = async (platform: Platform, model: string): Promise<{ version: string }[]> => {
  const query = new URLSearchParams({ filter: `name='${model}'` }).toString();
  const { model_versions = [] } = await json<{ model_versions?: { version: string }[] }>(
    `${platform.registryUrl}/api/2.0/mlflow/model-versions/search?${query}`,
  );
  return model_versions;
};

/** Everything `training.completed` says of a model. */
export const completionsOf = async (bus: EventBus, model: string): Promise<TrainingCompleted[]> => {
  const completions: TrainingCompleted[] = [];
  for await (const { value } of bus.readAll('training.completed')) {
    if (value === null) continue;
    const completed = JSON.parse(new TextDecoder().decode(value)) as TrainingCompleted;
    if (completed.model === model) completions.push(completed);
  }
  return completions;
};
