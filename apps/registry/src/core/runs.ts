import type { Lifecycle } from './experiments.js';
import type { Int64 } from './int64.js';
import type { Page, PageRequest, Tag, ViewType } from './paging.js';
import type { Filter, Order } from './search/clauses.js';

export type RunStatus = 'RUNNING' | 'SCHEDULED' | 'FINISHED' | 'FAILED' | 'KILLED';

export interface RunInfo {
  runId: string;
  runName: string;
  experimentId: string;
  userId: string;
  status: RunStatus;
  startMs: Int64;
  endMs: Int64 | null;
  artifactUri: string;
  lifecycle: Lifecycle;
}

export interface Metric {
  key: string;
  value: number;
  timestampMs: Int64;
  step: Int64;
  modelId?: string;
  datasetName?: string;
  datasetDigest?: string;
}

export interface DatasetInput {
  name: string;
  digest: string;
  sourceType: string;
  source: string;
  schema?: string;
  profile?: string;
  tags: Tag[];
}

/** A data set that runs of an experiment read, and what for. */
export interface DatasetSummary {
  experimentId: string;
  name: string;
  digest: string;
  context: string | null;
}

export interface ModelOutput {
  modelId: string;
  step: Int64;
}

export interface Run {
  info: RunInfo;
  /** The latest value of each key: the greatest by (step, timestamp, value). */
  metrics: Metric[];
  params: Tag[];
  tags: Tag[];
  datasetInputs: DatasetInput[];
  modelInputs: string[];
  modelOutputs: ModelOutput[];
}

export interface NewRun {
  experimentId: string;
  userId: string;
  runName: string;
  startMs: Int64;
  tags: Tag[];
  /** A run that carries this id already is that run: set RUNNING again and returned. */
  requestId?: string;
}

export interface RunQuery extends PageRequest {
  experimentIds: string[];
  view: ViewType;
  filter: Filter;
  orderBy: readonly Order[];
}

/** Runs by id. Errors: NOT_FOUND; REQUEST_INVALID when a deleted run is written to or a param would change. */
export abstract class Runs {
  abstract create(run: NewRun): Promise<Run>;
  abstract get(runId: string): Promise<Run>;
  abstract search(query: RunQuery): Promise<Page<Run>>;
  abstract update(runId: string, change: { status?: RunStatus; endMs?: Int64; runName?: string }): Promise<RunInfo>;
  abstract setLifecycle(runId: string, lifecycle: Lifecycle): Promise<void>;
}

/** What is logged to a run. Errors as those of `Runs`, and NOT_FOUND for a logged model that is unknown. */
export abstract class RunData {
  /** All of it or nothing; a param is written once, the same value again is fine. */
  abstract log(runId: string, data: { params: Tag[]; metrics: Metric[]; tags: Tag[] }): Promise<void>;
  /** As `log`; a param that would change is told as the one that was sent, not as one of a batch. */
  abstract logParam(runId: string, param: Tag): Promise<void>;
  abstract deleteTag(runId: string, key: string): Promise<void>;
  /** Adds an entry to the list of models that MLflow 2 keeps in a tag of the run. */
  abstract logModel(runId: string, entry: unknown): Promise<void>;
  /** A data set that the run has already stays as it was logged first. */
  abstract logInputs(runId: string, datasets: DatasetInput[], modelIds: string[]): Promise<void>;
  /** ALREADY_EXISTS when the run has one of the models already, at another step. */
  abstract logOutputs(runId: string, outputs: ModelOutput[]): Promise<void>;
  /** At most a thousand. */
  abstract datasetsOf(experimentIds: readonly string[]): Promise<DatasetSummary[]>;
}

/** The tag by which a trainer marks what it makes for a training request. */
export const REQUEST_TAG = 'baton.requestId';
/** With the tag, when there is a request and nobody has set it. */
export const withRequestTag = (tags: Tag[], requestId: string | null | undefined): Tag[] =>
  requestId === null || requestId === undefined || tags.some(({ key }) => key === REQUEST_TAG)
    ? tags
    : [...tags, { key: REQUEST_TAG, value: requestId }];
/** The tag by which a version says what its request allowed: `policy` or `never`. */
export const PROMOTE_TAG = 'baton.promote';
export const RUN_NAME_TAG = 'mlflow.runName';
export const MODEL_HISTORY_TAG = 'mlflow.log-model.history';
/** The tag of an input that says what a run did with it: `training`, `eval`. */
export const DATASET_CONTEXT_TAG = 'mlflow.data.context';
