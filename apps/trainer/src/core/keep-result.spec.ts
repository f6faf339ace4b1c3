import { expect, it } from 'vitest';
import { trainingRequested } from '#contracts';
import { PlatformError } from '#runtime';
import type { Job } from './job.js';
import { keepResult, type Guards, type Outcome } from './keep-result.js';
import type { LoggedRun, Tracking } from './tracking.js';

const run = { runId: 'r', experimentId: '1', artifactUri: 'mlflow-artifacts:/1/r/artifacts' };
const nothing = () => Promise.resolve();

/** What a script logged, as the tracking server tells it; what is logged onto the run is noted. */
const trackingOf = (logged: Partial<LoggedRun>, noted: Record<string, number>): Tracking =>
  ({
    logParams: nothing,
    logInputs: nothing,
    logMetrics: (_: string, metrics: Record<string, number>) => Promise.resolve(void Object.assign(noted, metrics)),
    runsUnder: () => Promise.resolve([{ runId: 'r', metrics: {}, modelIds: [], versions: [], ...logged }]),
  }) as unknown as Tracking;

const keep = (
  logged: Partial<LoggedRun>,
  noted: Record<string, number> = {},
  tryModel: Guards['tryModel'] = nothing,
) => {
  const request = trainingRequested.parse({ model: 'M', recipe: 'mine' });
  const job = { requestId: 'q', request, requestedAt: new Date() } as Job;
  const plan = { recipe: { external: { model: 'logged' } }, parameters: {} };
  const outcome = { job, run, plan, params: {}, result: { metrics: {}, facts: {}, files: {} } } as unknown as Outcome;
  return keepResult(trackingOf(logged, noted), outcome, { check: () => undefined, tryModel });
};

it('a script may log what is no number: the run keeps it, and the news of the training does without', async () => {
  const noted = {};
  const metrics = { accuracy: 0.5, loss: NaN, worst: -Infinity };
  expect(await keep({ metrics, versions: [{ model: 'M', version: 2 }] }, noted)).toEqual({
    metrics: { accuracy: 0.5 },
    version: 2,
  });
  expect(noted).toEqual(metrics);
});

it('tells no more metrics than an event holds', async () => {
  const metrics = Object.fromEntries(Array.from({ length: 5_000 }, (_, at) => [`m${String(at)}`, at]));
  const { metrics: told = {} } = await keep({ metrics, modelIds: ['m-1'] });
  expect(Object.keys(told)).toHaveLength(1_000);
});

it('a version whose ONNX file is broken fails the request, with what is wrong', async () => {
  await expect(
    keep({ versions: [{ model: 'M', version: 2, broken: 'its ONNX file is cut off' }] }),
  ).rejects.toMatchObject({
    code: 'MODEL_FILE_INVALID',
    detail: 'Version 2, made of what the recipe logged, can not be served: its ONNX file is cut off.',
  });
});

it('what the script logged is tried out: the version, or else the model, and one that does not run fails the request', async () => {
  const tried: object[] = [];
  const tryModel = (logged: object) => {
    tried.push(logged);
    return Promise.reject(new PlatformError('MODEL_FILE_INVALID', 'onnxruntime refuses the file: why.'));
  };
  await expect(keep({ versions: [{ model: 'M', version: 2 }], modelIds: ['m-1'] }, {}, tryModel)).rejects.toMatchObject(
    {
      code: 'MODEL_FILE_INVALID',
      detail: 'Version 2, made of what the recipe logged, can not be served: onnxruntime refuses the file: why.',
    },
  );
  await expect(keep({ modelIds: ['m-1', 'm-2'] }, {}, tryModel)).rejects.toMatchObject({
    code: 'MODEL_FILE_INVALID',
    detail: 'The model that the recipe logged can not be served: onnxruntime refuses the file: why.',
  });
  expect(tried).toEqual([{ model: 'M', version: 2 }, { loggedModelId: 'm-2' }]);
});
