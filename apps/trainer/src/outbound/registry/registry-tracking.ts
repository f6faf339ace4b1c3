import { stat } from 'node:fs/promises';
import type { DatasetInput } from '../../core/dataset-inputs.js';
import type { FetchedModel, LoggedModelRef } from '../../core/logged-model.js';
import type { MetricAtStep } from '../../core/recipe-runner.js';
import {
  Tracking,
  type LoggedRun,
  type ModelUpload,
  type RegisteredVersion,
  type Run,
  type RunSpec,
  type ServableUpload,
  type VersionSpec,
} from '../../core/tracking.js';
import { fetchLoggedModel } from './logged-model-files.js';
import { runsUnder } from './logged-runs.js';
import { MlflowError, refusal, type MlflowClient } from './mlflow.client.js';
import { mlmodelOf, requirements } from './mlmodel.js';
import { versionOf, type VersionAnswer } from './version-answer.js';

interface RunAnswer {
  run: { info: { run_id: string; experiment_id: string; artifact_uri: string } };
}

/** Names and values longer than MLflow's limits are cut: they are for reading, the request keeps the whole. */
const LONGEST_VALUE = 5000;
/** MLflow takes no more in one call. */
const METRICS_AT_ONCE = 1_000;
const NAME_OF_MODEL = 'model';

/** The registry by the MLflow REST API, as any client uses it; the tag `baton.requestId` makes run and version one per request. */
export class RegistryTracking extends Tracking {
  constructor(private readonly mlflow: MlflowClient) {
    super();
  }

  beginRun(spec: RunSpec): Promise<Run> {
    return told(async () => {
      const { run } = await this.mlflow.post<RunAnswer>('runs/create', {
        experiment_id: await this.experiment(spec.experiment),
        run_name: spec.name,
        start_time: spec.startTime,
        tags: pairs({
          ...spec.tags,
          'mlflow.runName': spec.name,
          'mlflow.source.type': 'JOB',
          'mlflow.source.name': 'baton-trainer',
          'baton.requestId': spec.requestId,
        }),
      });
      return { runId: run.info.run_id, experimentId: run.info.experiment_id, artifactUri: run.info.artifact_uri };
    });
  }

  logParams(runId: string, params: Record<string, string>): Promise<void> {
    return told(async () => {
      await this.mlflow.post('runs/log-batch', { run_id: runId, params: pairs(params) });
    });
  }

  logMetrics(runId: string, metrics: Record<string, number>, timestamp: number, modelId?: string): Promise<void> {
    return told(async () => {
      const rows = Object.entries(metrics).map(([key, value]) => ({
        key,
        value: written(value),
        timestamp,
        step: 0,
        ...(modelId !== undefined && { model_id: modelId }),
      }));
      for (let from = 0; from < rows.length; from += METRICS_AT_ONCE)
        await this.mlflow.post('runs/log-batch', { run_id: runId, metrics: rows.slice(from, from + METRICS_AT_ONCE) });
    });
  }

  logHistory(runId: string, history: readonly MetricAtStep[], timestamp: number): Promise<void> {
    return told(async () => {
      for (let from = 0; from < history.length; from += METRICS_AT_ONCE) {
        const part = history.slice(from, from + METRICS_AT_ONCE);
        const metrics = part.map(({ key, step, value }) => ({ key, step, value: written(value), timestamp }));
        await this.mlflow.post('runs/log-batch', { run_id: runId, metrics });
      }
    });
  }

  logInputs(runId: string, inputs: readonly DatasetInput[]): Promise<void> {
    return told(async () => {
      const datasets = inputs.map(({ context, sourceType, ...dataset }) => ({
        tags: [{ key: 'mlflow.data.context', value: context }],
        dataset: { ...dataset, source_type: sourceType },
      }));
      await this.mlflow.post('runs/log-inputs', { run_id: runId, datasets });
    });
  }

  uploadModel({ run, createdAt, params, files, signature }: ModelUpload): Promise<string> {
    return told(async () => {
      const { model } = await this.mlflow.post<{ model: { info: { model_id: string; artifact_uri: string } } }>(
        'logged-models',
        { experiment_id: run.experimentId, name: NAME_OF_MODEL, source_run_id: run.runId, params: pairs(params) },
      );
      const { model_id: modelId, artifact_uri: artifactUri } = model.info;
      try {
        let sizeBytes = 0;
        for (const [name, path] of Object.entries(files)) {
          sizeBytes += (await stat(path)).size;
          await this.mlflow.uploadFile(artifactUri, name, path);
        }
        const hasInputExample = 'input_example.json' in files;
        const description = {
          modelId,
          runId: run.runId,
          artifactUri,
          sizeBytes,
          createdAt,
          signature,
          hasInputExample,
        };
        await this.mlflow.upload(artifactUri, 'requirements.txt', Buffer.from(requirements));
        // Last: a folder with an MLmodel file is whole.
        await this.mlflow.upload(artifactUri, 'MLmodel', Buffer.from(mlmodelOf(description)));
      } catch (error) {
        await this.markModel(modelId, 'LOGGED_MODEL_UPLOAD_FAILED').catch(() => undefined);
        throw error;
      }
      await this.markModel(modelId, 'LOGGED_MODEL_READY');
      await this.mlflow.post('runs/outputs', { run_id: run.runId, models: [{ model_id: modelId, step: 0 }] });
      return modelId;
    });
  }

  uploadFile(run: Run, name: string, path: string): Promise<void> {
    return told(() => this.mlflow.uploadFile(run.artifactUri, name, path));
  }

  registerVersion({ requestId, model, loggedModelId, runId, promote }: VersionSpec): Promise<RegisteredVersion> {
    return told(async () => {
      await this.unlessThere(() => this.mlflow.post('registered-models/create', { name: model }));
      const { model_version: version } = await this.mlflow.post<{ model_version: VersionAnswer }>(
        'model-versions/create',
        {
          name: model,
          source: `models:/${loggedModelId}`,
          model_id: loggedModelId,
          run_id: runId,
          tags: pairs({ 'baton.requestId': requestId, 'baton.promote': promote }),
        },
      );
      return versionOf(version);
    });
  }

  runsUnder({ runId }: Run, requestId: string): Promise<LoggedRun[]> {
    return told(() => runsUnder(this.mlflow, runId, requestId));
  }

  fetchModel(logged: LoggedModelRef, folder: string): Promise<FetchedModel | undefined> {
    return told(() => fetchLoggedModel(this.mlflow, logged, folder));
  }

  attachServable({ model, version, path }: ServableUpload): Promise<void> {
    return told(async () => {
      try {
        await this.mlflow.putFile(
          `/api/v1/models/${encodeURIComponent(model)}/versions/${String(version)}/servable`,
          path,
        );
      } catch (error) {
        // Somebody was faster: a person, or an attempt before this one.
        if (!(error instanceof MlflowError) || error.status !== 409) throw error;
      }
    });
  }

  endRun(runId: string, status: 'FINISHED' | 'FAILED' | 'KILLED', message?: string): Promise<void> {
    return told(async () => {
      if (message !== undefined)
        await this.mlflow.post('runs/set-tag', {
          run_id: runId,
          key: 'baton.error',
          value: message.slice(0, LONGEST_VALUE),
        });
      await this.mlflow.post('runs/update', { run_id: runId, status, end_time: Date.now() });
    });
  }

  private async experiment(name: string): Promise<string> {
    const find = async () =>
      (
        await this.mlflow.get<{ experiment: { experiment_id: string } }>('experiments/get-by-name', {
          experiment_name: name,
        })
      ).experiment.experiment_id;
    try {
      return await find();
    } catch (error) {
      if (!(error instanceof MlflowError) || error.status !== 404) throw error;
    }
    // Another job may make it at the same moment: then it is there.
    await this.unlessThere(() => this.mlflow.post('experiments/create', { name }));
    return find();
  }

  private async markModel(modelId: string, status: string): Promise<void> {
    await this.mlflow.patch(`logged-models/${encodeURIComponent(modelId)}`, { model_id: modelId, status });
  }

  private async unlessThere(create: () => Promise<unknown>): Promise<void> {
    try {
      await create();
    } catch (error) {
      if (!(error instanceof MlflowError) || error.code !== 'RESOURCE_ALREADY_EXISTS') throw error;
    }
  }
}

const told = async <T>(calls: () => Promise<T>): Promise<T> => {
  try {
    return await calls();
  } catch (error) {
    throw refusal(error);
  }
};

const pairs = (named: Record<string, string>): { key: string; value: string }[] =>
  Object.entries(named).map(([key, value]) => ({ key, value: value.slice(0, LONGEST_VALUE) }));

/** JSON has no NaN and no infinity; MLflow takes them as strings. */
const written = (value: number): number | string => (Number.isFinite(value) ? value : String(value));
