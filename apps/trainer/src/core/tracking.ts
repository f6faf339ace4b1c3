import type { DatasetInput } from './dataset-inputs.js';
import type { FetchedModel, LoggedModelRef } from './logged-model.js';
import type { MetricAtStep, RecipeSignature } from './recipe-runner.js';

/** What a run is begun with. `requestId` makes it one run per request, whatever crashes. */
export interface RunSpec {
  requestId: string;
  experiment: string;
  name: string;
  /** Milliseconds since the epoch: when the first attempt began. */
  startTime: number;
  tags: Record<string, string>;
}

export interface ModelUpload {
  run: Run;
  /** Milliseconds since the epoch. */
  createdAt: number;
  params: Record<string, string>;
  /** Local files by their names in the model's folder; the adapter adds what describes them (`MLmodel`). */
  files: Record<string, string>;
  signature?: RecipeSignature;
}

export interface VersionSpec {
  requestId: string;
  model: string;
  loggedModelId: string;
  runId: string;
  promote: 'policy' | 'never';
}

export interface Run {
  runId: string;
  experimentId: string;
  /** `mlflow-artifacts:/…` */
  artifactUri: string;
}

/** A run that a recipe logged on, with what came of it. */
export interface LoggedRun {
  runId: string;
  metrics: Record<string, number>;
  /** Ids of its logged models, in the order in which they were logged. */
  modelIds: string[];
  /** Versions that were registered of it. */
  versions: ({ model: string } & RegisteredVersion)[];
}

/** A version as the registry took it. */
export interface RegisteredVersion {
  version: number;
  /** What is wrong with its ONNX file; absent when it can be served, and when it has none. */
  broken?: string;
}

/** An ONNX file for a version that could not be served without. */
export interface ServableUpload {
  model: string;
  version: number;
  path: string;
}

/**
 * The tracking server: runs, logged models, versions. Every call may be repeated: a repeated one changes nothing.
 * Errors: `REGISTRY_UNAVAILABLE` when it does not answer, `REQUEST_INVALID`, `NOT_FOUND`, `CONFLICT` or `INTERNAL` with its own words.
 */
export abstract class Tracking {
  /** Makes the experiment when it is missing and begins the run; a run that carries the request id already is taken up again. */
  abstract beginRun(spec: RunSpec): Promise<Run>;
  abstract logParams(runId: string, params: Record<string, string>): Promise<void>;
  /** A metric of the same name, value and time is logged once. `loggedModelId` ties the metrics to the model, too. */
  abstract logMetrics(
    runId: string,
    metrics: Record<string, number>,
    timeMs: number,
    loggedModelId?: string,
  ): Promise<void>;
  /** Metrics at steps of the fit; the same ones again are logged once. */
  abstract logHistory(runId: string, history: readonly MetricAtStep[], timeMs: number): Promise<void>;
  /** What the run learnt from and was measured on. */
  abstract logInputs(runId: string, inputs: readonly DatasetInput[]): Promise<void>;
  /** Makes a logged model of the run and sends its files; resolves to its id when all is there and ready. */
  abstract uploadModel(upload: ModelUpload): Promise<string>;
  /** Sends one local file to the run's artifacts. */
  abstract uploadFile(run: Run, name: string, path: string): Promise<void>;
  /** Registers a version; one that carries the request id already is returned. */
  abstract registerVersion(spec: VersionSpec): Promise<RegisteredVersion>;
  /** The run itself, and those that a recipe began under it, the latest last. */
  abstract runsUnder(run: Run, requestId: string): Promise<LoggedRun[]>;
  /** Brings the ONNX file of what was logged into a new folder below `folder`; undefined when it names none, or none that lies here. */
  abstract fetchModel(logged: LoggedModelRef, folder: string): Promise<FetchedModel | undefined>;
  /** Gives a version its file; one that has a file already keeps it. */
  abstract attachServable(upload: ServableUpload): Promise<void>;
  abstract endRun(runId: string, status: 'FINISHED' | 'FAILED' | 'KILLED', message?: string): Promise<void>;
}
