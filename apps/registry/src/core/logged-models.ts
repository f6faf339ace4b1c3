import type { Metric } from './runs.js';
import type { Filter, Order } from './search/clauses.js';
import type { Page, PageRequest, Tag } from './paging.js';

export type LoggedModelStatus = 'LOGGED_MODEL_PENDING' | 'LOGGED_MODEL_READY' | 'LOGGED_MODEL_UPLOAD_FAILED';

export interface LoggedModel {
  modelId: string;
  experimentId: string;
  name: string;
  status: LoggedModelStatus;
  statusMessage: string | null;
  modelType: string | null;
  sourceRunId: string | null;
  artifactUri: string;
  createdMs: number;
  updatedMs: number;
  tags: Tag[];
  params: Tag[];
  metrics: (Metric & { runId: string })[];
}

export interface NewLoggedModel {
  experimentId: string;
  name: string;
  modelType?: string;
  sourceRunId?: string;
  params: Tag[];
  tags: Tag[];
}

export interface LoggedModelQuery extends PageRequest {
  experimentIds: string[];
  filter: Filter;
  /** Metrics count only as measured on one of these, and a model needs one. */
  datasets: { name: string; digest?: string }[];
  orderBy: readonly Order[];
}

/** Models as MLflow 3 logs them: entities of their own beside the run. Errors: NOT_FOUND, REQUEST_INVALID (experiment deleted, param logged before). */
export abstract class LoggedModels {
  abstract create(model: NewLoggedModel): Promise<LoggedModel>;
  /** One that was deleted is not found unless it is asked for; all the writes below reach it still. */
  abstract get(modelId: string, options?: { deletedToo: boolean }): Promise<LoggedModel>;
  /** What a run logged, newest first. */
  abstract producedBy(runId: string): Promise<Pick<LoggedModel, 'name' | 'artifactUri'>[]>;
  abstract finalize(modelId: string, status: LoggedModelStatus): Promise<LoggedModel>;
  abstract delete(modelId: string): Promise<void>;
  abstract setTags(modelId: string, tags: Tag[]): Promise<void>;
  abstract deleteTag(modelId: string, key: string): Promise<void>;
  /** Sets a tag to what `change` makes of its present value; nobody else's change comes between. */
  abstract changeTag(modelId: string, key: string, change: (value: string | undefined) => string): Promise<void>;
  /** Params are written once. */
  abstract logParams(modelId: string, params: Tag[]): Promise<void>;
  abstract search(query: LoggedModelQuery): Promise<Page<LoggedModel>>;
}

/** MLflow's list of the versions a logged model became, in a tag of the logged model. */
export const MODEL_VERSIONS_TAG = 'mlflow.modelVersions';
