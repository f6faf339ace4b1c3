import { MOST_METRICS } from '#contracts';
import { PlatformError } from '#runtime';
import { chooseLogged } from './choose-logged.js';
import type { FetchedData } from './data-sources.js';
import { datasetInputs, type DatasetInput } from './dataset-inputs.js';
import type { Checkpoint, Job } from './job.js';
import type { LoggedModelRef } from './logged-model.js';
import type { RecipeResult } from './recipe-runner.js';
import type { Run, Tracking } from './tracking.js';
import { withoutSecrets, type TrainingPlan } from './training-plan.js';

export interface Outcome {
  job: Job;
  run: Run;
  plan: TrainingPlan;
  /** Absent: the recipe had data of its own. */
  data?: FetchedData;
  /** As logged at the run's begin. */
  params: Record<string, string>;
  result: RecipeResult;
}

export interface Guards {
  /** @throws Interruption when the lease is lost. */
  check: () => void;
  /** @throws PlatformError MODEL_FILE_INVALID when what was logged can be opened by nobody, or does not answer. */
  tryModel: (logged: LoggedModelRef) => Promise<void>;
}

/** Brings what a recipe left to the tracking server. Resolves to what is done by that; each step may be repeated. */
export const keepResult = async (tracking: Tracking, outcome: Outcome, guards: Guards): Promise<Partial<Checkpoint>> => {
  const { run, result, plan } = outcome;
  guards.check();
  await tracking.logParams(run.runId, result.facts);
  await tracking.logInputs(run.runId, inputsOf(outcome));
  for (const [name, path] of Object.entries(result.artifacts ?? {})) await tracking.uploadFile(run, name, path);
  switch (plan.recipe.external?.model ?? 'file') {
    case 'file':
      return keepFiles(tracking, outcome, guards);
    case 'logged':
      return keepLogged(tracking, outcome, guards);
    case 'attached':
      return attach(tracking, outcome);
  }
}; // prettier-ignore

const keepFiles = async (
  tracking: Tracking,
  { job, run, params, result }: Outcome,
  { check }: Guards,
): Promise<Partial<Checkpoint>> => {
  const { facts, files, signature, metrics } = result;
  const createdAt = startOf(job);
  const all = { ...params, ...facts };
  const loggedModelId = await tracking.uploadModel({ run, createdAt, params: all, files, signature });
  check();
  await tracking.logMetrics(run.runId, metrics, createdAt, loggedModelId);
  await tracking.logHistory(run.runId, result.history ?? [], createdAt);
  return { loggedModelId, metrics };
};

const inputsOf = ({ plan, data, result }: Outcome): DatasetInput[] => {
  const { dataset, parameters, testShare, stratify, folds } = plan;
  if (dataset === undefined || data === undefined) return [];
  const { uri, ...columns } = dataset;
  const options = { ...columns, testShare, stratify, folds };
  return datasetInputs({ uri: withoutSecrets(uri), data, options, seed: parameters.random_state }, result);
};

/** What a script logged that knows the tracking server, and nothing of us. */
const keepLogged = async (
  tracking: Tracking,
  { job, run, result }: Outcome,
  { tryModel }: Guards,
): Promise<Partial<Checkpoint>> => {
  const { model, register } = job.request;
  const found = chooseLogged(await tracking.runsUnder(run, job.requestId), model);
  if (register && found.version === undefined && found.loggedModelId === undefined)
    throw new PlatformError(
      'RECIPE_WITHOUT_MODEL',
      `The recipe ended without logging a model; let it log one (mlflow.<flavor>.log_model), or ask with "register": false.`,
    );
  const all = { ...found.metrics, ...result.metrics };
  await tracking.logMetrics(run.runId, all, startOf(job));
  const metrics = tellable(all);
  if (!register) return { metrics };
  const { version, loggedModelId, broken } = found;
  if (version !== undefined && broken !== undefined) throw brokenModel(version, broken);
  const logged = version !== undefined ? { model, version } : loggedModelId !== undefined && { loggedModelId };
  if (logged) await refusing(version, () => tryModel(logged));
  return { metrics, ...(version !== undefined && { version }), ...(loggedModelId !== undefined && { loggedModelId }) };
};

/** What opens for nobody, or does not answer, fails the request. One that is no version yet becomes none. */
const refusing = async (version: number | undefined, tried: () => Promise<void>): Promise<void> => {
  try {
    await tried();
  } catch (error) {
    if (!(error instanceof PlatformError) || error.code !== 'MODEL_FILE_INVALID') throw error;
    const why = error.detail.replace(/\.$/, '');
    if (version !== undefined) throw brokenModel(version, why);
    throw new PlatformError('MODEL_FILE_INVALID', `The model that the recipe logged can not be served: ${why}.`, error);
  }
};

/** The version stays, and can't be served; the request is told that it failed. */
export const brokenModel = (version: number, why: string): PlatformError =>
  new PlatformError(
    'MODEL_FILE_INVALID',
    `Version ${String(version)}, made of what the recipe logged, can not be served: ${why}.`,
  );

const attach = async (tracking: Tracking, { job, run, plan, result }: Outcome): Promise<Partial<Checkpoint>> => {
  const version = Number(plan.parameters.version);
  const { metrics, files } = result;
  await tracking.attachServable({ model: job.request.model, version, path: files['model.onnx'] });
  await tracking.logMetrics(run.runId, metrics, startOf(job));
  return { version, metrics };
};

/** Scripts log whatever they count, NaN too; the run keeps all of it, and events tell what they can hold. */
const tellable = (metrics: Record<string, number>): Record<string, number> =>
  Object.fromEntries(
    Object.entries(metrics)
      .filter(([, value]) => Number.isFinite(value))
      .slice(0, MOST_METRICS),
  );

/** The same for every attempt, so that what is logged twice is logged once. */
export const startOf = (job: Job): number => (job.startedAt ?? job.requestedAt).getTime();
