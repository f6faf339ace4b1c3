import type { Facts } from './differences.js';
import type { ListedFile } from './artifact-trees.js';
import type {
  Pair,
  WireExperiment,
  WireLoggedModel,
  WireMetric,
  WireModel,
  WireRun,
  WireVersion,
} from './mlflow-shapes.js';

/** Tags that this registry adds are no differences. */
const OURS = /^baton\./;

const tagFacts = (tags: Pair[] | undefined): Facts =>
  Object.fromEntries(
    (tags ?? []).filter(({ key }) => !OURS.test(key)).map(({ key, value = '' }) => [`tag ${key}`, value]),
  );
const paramFacts = (params: Pair[] | undefined): Facts =>
  Object.fromEntries((params ?? []).map(({ key, value = '' }) => [`param ${key}`, value]));

/** The same text for the same point, so that sets of points compare. */
export const pointText = ({ value = 0, timestamp = 0, step = 0, ...of }: WireMetric): string =>
  [step, timestamp, value, of.dataset_name ?? '', of.dataset_digest ?? ''].join(' ');

export const experimentFacts = (wire: WireExperiment): Facts => ({
  name: wire.name,
  lifecycle: wire.lifecycle_stage ?? 'active',
  created: wire.experiment_id === '0' ? undefined : wire.creation_time,
  ...tagFacts(wire.tags),
});

/** Without what is meant to differ: where the files lie, and the experiment's id when that was taken. */
export const runFacts = ({ info, data, inputs, outputs }: WireRun, files: ListedFile[]): Facts => ({
  name: info.run_name ?? '',
  user: info.user_id ?? '',
  status: info.status,
  started: info.start_time,
  ended: info.end_time,
  lifecycle: info.lifecycle_stage ?? 'active',
  ...paramFacts(data?.params),
  ...tagFacts(data?.tags),
  ...Object.fromEntries((data?.metrics ?? []).map((metric) => [`metric ${metric.key}`, pointText(metric)])),
  ...Object.fromEntries(
    (inputs?.dataset_inputs ?? []).map(({ dataset, tags }) => [
      `data set ${dataset.name} ${dataset.digest}`,
      [dataset.source_type ?? '', dataset.source ?? '', dataset.schema ?? '', dataset.profile ?? '', sorted(tags)],
    ]),
  ),
  'model inputs': (inputs?.model_inputs ?? []).map(({ model_id }) => model_id).sort(),
  'model outputs': (outputs?.model_outputs ?? []).map(({ model_id, step = 0 }) => `${model_id} ${String(step)}`).sort(),
  ...fileFacts(files),
});

export const loggedModelFacts = ({ info, data }: WireLoggedModel, files: ListedFile[]): Facts => ({
  name: info.name ?? '',
  type: info.model_type ?? '',
  status: info.status,
  run: info.source_run_id ?? '',
  created: info.creation_timestamp_ms,
  ...paramFacts(data?.params),
  ...tagFacts(info.tags),
  metrics: (data?.metrics ?? []).map((metric) => `${metric.run_id ?? ''} ${metric.key} ${pointText(metric)}`).sort(),
  ...fileFacts(files),
});

export const modelFacts = (wire: WireModel): Facts => ({
  description: wire.description ?? '',
  created: wire.creation_timestamp,
  aliases: (wire.aliases ?? []).map(({ alias, version }) => `${alias} ${version}`).sort(),
  ...tagFacts(wire.tags),
});

export const versionFacts = (wire: WireVersion): Facts => ({
  description: wire.description ?? '',
  created: wire.creation_timestamp,
  stage: wire.current_stage ?? 'None',
  status: wire.status ?? 'READY',
  source: wire.source ?? '',
  run: wire.run_id ?? '',
  'run link': wire.run_link ?? '',
  'logged model': wire.model_id ?? '',
  ...tagFacts(wire.tags),
});

const fileFacts = (files: ListedFile[]): Facts =>
  Object.fromEntries(files.map(({ path, sizeBytes }) => [`file ${path}`, `${String(sizeBytes)} bytes`]));

const sorted = (tags: Pair[] | undefined): string[] =>
  (tags ?? []).map(({ key, value = '' }) => `${key}=${value}`).sort();
