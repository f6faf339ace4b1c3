import type { ImportLoggedModel, ImportRun } from '#contracts';
import { proxiedPath, ProxiedTree, LoggedModelTree, RunTree } from './artifact-trees.js';
import type { ImportTarget } from './import-target.js';
import { MlflowRefusal, type MlflowClient } from './mlflow.client.js';
import type { MlflowReader } from './mlflow-reader.js';
import type { Pair, WireExperiment, WireLoggedModel, WireMetric, WireRun } from './mlflow-shapes.js';
import { forEachAtMost } from './pool.js';
import type { Tally } from './tally.js';

/** Runs and files that are on their way at a time. */
export const WIDTH = 8;
const METRICS_AT_ONCE = 5_000;

export const pairs = (given: Pair[] | undefined): { key: string; value: string }[] =>
  (given ?? []).map(({ key, value = '' }) => ({ key, value }));

/** Where the files of something lay, and where they lie now. */
export type Places = Map<string, string>;

/** Copies experiments with their runs and logged models. */
export class ImportRuns {
  /** Experiments of the source by their ids, and what they are here. */
  readonly experiments = new Map<string, string>();
  readonly places: Places = new Map();

  constructor(
    private readonly source: MlflowReader,
    private readonly here: MlflowReader,
    private readonly target: ImportTarget,
    private readonly tally: Tally,
  ) {}

  /** `above`: the greatest id of the source, which a new one must not reach into. */
  async experiment(wire: WireExperiment, above: number): Promise<void> {
    const label = `experiment "${wire.name}" (${wire.experiment_id})`;
    const made = await this.target.tried(label, () =>
      this.target.experiment(wire.experiment_id, {
        name: wire.name,
        creationTime: wire.creation_time ?? 0,
        lastUpdateTime: wire.last_update_time ?? wire.creation_time ?? 0,
        lifecycle: wire.lifecycle_stage ?? 'active',
        tags: pairs(wire.tags),
        above,
      }),
    );
    if (made === undefined) return;
    this.experiments.set(wire.experiment_id, made.experimentId);
    this.tally.add('experiments');
    for await (const ids of this.source.runIds(wire.experiment_id))
      await forEachAtMost(WIDTH, ids, (id) => this.run(id, made.experimentId));
    const models = await this.source.loggedModels(wire.experiment_id);
    await forEachAtMost(WIDTH, models, (model) => this.loggedModel(model, made.experimentId));
  }

  /**
   * A run gets its status last, when it is whole: one that has ended here was copied to its end, and is not looked at
   * again; one that was interrupted, or lacks files, goes on.
   */
  private async run(id: string, experimentId: string): Promise<void> {
    const wire = await this.source.run(id);
    const known = await found(this.here, id);
    const ended = known !== undefined && !['RUNNING', 'SCHEDULED'].includes(known.info.status);
    if (ended && known.info.start_time === wire.info.start_time && known.info.experiment_id === experimentId) {
      this.keepPlaces([wire.info.artifact_uri, `runs:/${id}`], known.info.artifact_uri ?? '');
      this.tally.add('runs here already');
      return;
    }
    const run = runOf(wire, experimentId);
    await this.target.tried(`run ${id}`, async () => {
      const { artifactUri } = await this.target.run(id, { ...run, status: 'RUNNING', endTime: null });
      this.keepPlaces([wire.info.artifact_uri, `runs:/${id}`], artifactUri);
      for (const { key } of wire.data?.metrics ?? []) await this.history(id, key);
      await this.target.copyFiles(`run ${id}`, this.treeOf(wire), artifactUri);
      if (!this.target.isWhole(artifactUri)) return;
      await this.target.run(id, run);
      this.tally.add('runs');
    });
  }

  private async history(runId: string, key: string): Promise<void> {
    for await (const page of this.source.history(runId, key))
      for (let from = 0; from < page.length; from += METRICS_AT_ONCE) {
        const points = page.slice(from, from + METRICS_AT_ONCE);
        await this.target.metrics(runId, points.map(metricOf));
        this.tally.add('metric points', points.length);
      }
  }

  private async loggedModel({ info, data }: WireLoggedModel, experimentId: string): Promise<void> {
    const what = `logged model ${info.model_id}`;
    const model: ImportLoggedModel = {
      experimentId,
      name: info.name ?? '',
      modelType: info.model_type ?? null,
      sourceRunId: info.source_run_id ?? null,
      status: info.status ?? 'LOGGED_MODEL_READY',
      statusMessage: info.status_message ?? null,
      creationTime: info.creation_timestamp_ms ?? 0,
      lastUpdateTime: info.last_updated_timestamp_ms ?? 0,
      params: pairs(data?.params),
      tags: pairs(info.tags),
    };
    await this.target.tried(what, async () => {
      const { artifactUri } = await this.target.loggedModel(info.model_id, {
        ...model,
        status: 'LOGGED_MODEL_PENDING',
      });
      const ofRuns = Map.groupBy(data?.metrics ?? [], ({ run_id = '' }) => run_id);
      for (const [runId, points] of ofRuns)
        await this.target.tried(`metrics of ${what}`, () =>
          this.target.metrics(
            runId,
            points.map((point) => ({ ...metricOf(point), modelId: info.model_id })),
          ),
        );
      const client: MlflowClient = this.source.client;
      const root = proxiedPath(info.artifact_uri ?? '');
      const tree = root === undefined ? new LoggedModelTree(client, info.model_id) : new ProxiedTree(client, root);
      this.keepPlaces([info.artifact_uri, `models:/${info.model_id}`], artifactUri);
      await this.target.copyFiles(what, tree, artifactUri);
      if (!this.target.isWhole(artifactUri)) return;
      await this.target.loggedModel(info.model_id, model);
      this.tally.add('logged models');
    });
  }

  private treeOf({ info }: WireRun) {
    const root = proxiedPath(info.artifact_uri ?? '');
    return root === undefined
      ? new RunTree(this.source.client, info.run_id)
      : new ProxiedTree(this.source.client, root);
  }

  /** By whatever name a version may call it. */
  private keepPlaces(there: (string | undefined)[], here: string): void {
    for (const each of there) if (each) this.places.set(each.replace(/\/+$/, ''), here);
  }
}

const found = async (reader: MlflowReader, runId: string): Promise<WireRun | undefined> => {
  try {
    return await reader.run(runId);
  } catch (error) {
    if (error instanceof MlflowRefusal && error.status === 404) return undefined;
    throw error;
  }
};

export const metricOf = ({ key, value = 0, timestamp = 0, step = 0, ...of }: WireMetric) => ({
  key,
  value,
  timestamp,
  step,
  ...(of.dataset_name !== undefined && { datasetName: of.dataset_name }),
  ...(of.dataset_digest !== undefined && { datasetDigest: of.dataset_digest }),
});

const runOf = ({ info, data, inputs, outputs }: WireRun, experimentId: string): ImportRun => ({
  experimentId,
  runName: info.run_name ?? '',
  userId: info.user_id ?? '',
  status: info.status,
  startTime: info.start_time ?? 0,
  endTime: info.end_time ?? null,
  lifecycle: info.lifecycle_stage ?? 'active',
  params: pairs(data?.params),
  tags: pairs(data?.tags),
  datasetInputs: (inputs?.dataset_inputs ?? []).map(({ tags, dataset }) => ({
    name: dataset.name,
    digest: dataset.digest,
    sourceType: dataset.source_type ?? '',
    source: dataset.source ?? '',
    ...(dataset.schema !== undefined && { schema: dataset.schema }),
    ...(dataset.profile !== undefined && { profile: dataset.profile }),
    tags: pairs(tags),
  })),
  modelInputs: (inputs?.model_inputs ?? []).map(({ model_id }) => model_id),
  modelOutputs: (outputs?.model_outputs ?? []).map(({ model_id, step = 0 }) => ({ modelId: model_id, step })),
});
