import type { Experiment } from '../../core/experiments.js';
import type { ArtifactList } from '../../core/list-artifacts.js';
import type { LoggedModel } from '../../core/logged-models.js';
import type { ModelVersion, RegisteredModel } from '../../core/registered-models.js';
import type { DatasetInput, Metric, Run, RunInfo } from '../../core/runs.js';
import type { Tag } from '../../core/paging.js';

/** MLflow's messages as they stand on the wire. */
const tags = (list: readonly Tag[]) => list.map(({ key, value }) => ({ key, value }));

export const experimentShape = (experiment: Experiment) => ({
  experiment_id: experiment.id,
  name: experiment.name,
  artifact_location: experiment.artifactLocation,
  lifecycle_stage: experiment.lifecycle,
  last_update_time: experiment.updatedMs,
  creation_time: experiment.createdMs,
  tags: tags(experiment.tags),
  // The one that everything is in: workspaces are not served.
  workspace: 'default',
});

export const runInfoShape = (info: RunInfo) => ({
  run_id: info.runId,
  run_uuid: info.runId,
  run_name: info.runName,
  experiment_id: info.experimentId,
  user_id: info.userId,
  status: info.status,
  start_time: info.startMs,
  end_time: info.endMs,
  artifact_uri: info.artifactUri,
  lifecycle_stage: info.lifecycle,
});

export const runShape = (run: Run) => ({
  info: runInfoShape(run.info),
  data: { metrics: run.metrics.map((metric) => metricShape(metric)), params: tags(run.params), tags: tags(run.tags) },
  inputs: {
    dataset_inputs: run.datasetInputs.map(datasetInputShape),
    model_inputs: run.modelInputs.map((model_id) => ({ model_id })),
  },
  outputs: { model_outputs: run.modelOutputs.map(({ modelId, step }) => ({ model_id: modelId, step })) },
});

/** MLflow says nothing of the outputs of a run that it has just made. */
export const newRunShape = (run: Run) => ({ ...runShape(run), outputs: undefined });

export const metricShape = (metric: Metric, runId?: string) => ({
  key: metric.key,
  value: metric.value,
  timestamp: metric.timestampMs,
  step: metric.step,
  dataset_name: metric.datasetName,
  dataset_digest: metric.datasetDigest,
  model_id: metric.modelId,
  run_id: runId,
});

const datasetInputShape = ({ tags: own, name, digest, sourceType, source, schema, profile }: DatasetInput) => ({
  tags: tags(own),
  dataset: { name, digest, source_type: sourceType, source, schema, profile },
});

export const loggedModelShape = (model: LoggedModel) => ({
  info: {
    model_id: model.modelId,
    experiment_id: model.experimentId,
    name: model.name,
    creation_timestamp_ms: model.createdMs,
    last_updated_timestamp_ms: model.updatedMs,
    artifact_uri: model.artifactUri,
    status: model.status,
    model_type: model.modelType,
    source_run_id: model.sourceRunId,
    status_message: model.statusMessage,
    tags: tags(model.tags),
  },
  data: {
    params: tags(model.params),
    metrics: model.metrics.map((metric) => metricShape(metric, metric.runId)),
  },
});

export const registeredModelShape = (model: RegisteredModel) => ({
  name: model.name,
  creation_timestamp: model.createdMs,
  last_updated_timestamp: model.updatedMs,
  description: model.description || undefined,
  latest_versions: model.latestVersions.map(listedVersionShape),
  tags: tags(model.tags),
  aliases: model.aliases.map(({ alias, version }) => ({ alias, version: String(version) })),
});

export const modelVersionShape = (version: ModelVersion) => ({
  name: version.name,
  version: String(version.version),
  creation_timestamp: version.createdMs,
  last_updated_timestamp: version.updatedMs,
  current_stage: version.stage,
  description: version.description,
  source: version.source,
  run_id: version.runId ?? '',
  status: version.status,
  status_message: version.statusMessage,
  tags: tags(version.tags),
  run_link: version.runLink ?? '',
  aliases: version.aliases,
  model_id: version.modelId,
});

/** A version within a list: MLflow tells aliases of single versions only. */
export const listedVersionShape = (version: ModelVersion) => ({ ...modelVersionShape(version), aliases: undefined });

export const artifactListShape = ({ root, files }: ArtifactList) => ({
  root_uri: root,
  files: files.map(({ path, isDirectory, sizeBytes }) => ({ path, is_dir: isDirectory, file_size: sizeBytes })),
});
