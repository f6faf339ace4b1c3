import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TrainingRequestView } from '#contracts';
import { writeModel } from '#onnx';
import { eventually, services, uniqueName } from '#testing';
import { externalModel } from '../apps/registry/src/registry.behaviour.js';
import { Platform } from './platform.js';
import { ended, versionsOf } from './training-events.js';

/** What `mlflow.onnx.log_model` sends, in the order in which it does. */
const SCRIPT = `
import { readFileSync } from 'node:fs';
const { parameters: { file, register } } = JSON.parse(readFileSync('input/params.json', 'utf8'));
const { MLFLOW_TRACKING_URI: root, MLFLOW_TRACKING_TOKEN: token, MLFLOW_RUN_ID: run_id, TRAINER_MODEL: name } = process.env;
const send = async (method, path, body) => {
  const answer = await fetch(root + '/api/2.0/' + path, { method, headers: { authorization: 'Bearer ' + token, 'content-type': 'application/json' }, ...(body !== undefined && { body }) });
  if (!answer.ok) throw new Error(path + ': ' + await answer.text());
  return answer.json();
};
const call = (method, path, body) => send(method, 'mlflow/' + path, JSON.stringify(body));
const { run } = await call('GET', 'runs/get?run_id=' + run_id);
const { model } = await call('POST', 'logged-models', { experiment_id: run.info.experiment_id, name: 'model', source_run_id: run_id });
const { model_id, artifact_uri } = model.info;
const put = (as, bytes) => send('PUT', 'mlflow-artifacts/artifacts/' + artifact_uri.replace('mlflow-artifacts:/', '') + '/' + as, bytes);
await put('model.onnx', readFileSync(new URL(file, import.meta.url)));
if (file.startsWith('weights')) await put('w.bin', new Uint8Array(file === 'weights-short.onnx' ? 31 : 32));
await put('MLmodel', 'flavors: {onnx: {data: model.onnx}}');
await call('PATCH', 'logged-models/' + model_id, { model_id, status: 'LOGGED_MODEL_READY' });
await call('POST', 'runs/outputs', { run_id, models: [{ model_id, step: 0 }] });
if (register) {
  await call('POST', 'registered-models/create', { name });
  await call('POST', 'model-versions/create', { name, source: 'models:/' + model_id, model_id, run_id });
}
`;
const recipe = {
  id: 'own',
  title: 'Logs its model itself',
  command: [process.execPath, './train.mjs'],
  logs_model: true,
  takes_run: true,
  parameters: {
    file: { type: 'string', default: 'fine.onnx', description: 'What is logged.' },
    register: { type: 'boolean', default: false, description: 'Whether it is registered, too.' },
  },
};
const unary = (op: string): Uint8Array =>
  writeModel({
    name: op,
    inputs: [{ name: 'x', datatype: 'FP64', shape: [-1, 2] }],
    outputs: [{ name: 'y', datatype: 'FP64', shape: [-1, 2] }],
    nodes: [{ op, inputs: ['x'], outputs: ['y'] }],
  });

describe.skipIf(services().postgres === undefined)('models that a script of its own logs', () => {
  let platform: Platform;
  let recipes: string;
  beforeAll(async () => {
    recipes = await mkdtemp(join(tmpdir(), 'baton-own-'));
    const folder = join(recipes, 'own');
    await mkdir(folder);
    await writeFile(join(folder, 'recipe.yaml'), JSON.stringify(recipe));
    await writeFile(join(folder, 'train.mjs'), SCRIPT);
    await writeFile(join(folder, 'fine.onnx'), unary('Neg'));
    // Its file is whole, and nothing implements its operator for doubles.
    await writeFile(join(folder, 'broken.onnx'), unary('Asin'));
    for (const name of ['weights.onnx', 'weights-short.onnx'])
      await writeFile(join(folder, name), externalModel('w.bin'));
    platform = await Platform.start('embedded', { environment: { TRAINER_RECIPES_DIR: recipes } });
  }, 300_000);
  afterAll(async () => {
    await platform.close();
    await rm(recipes, { recursive: true, force: true });
  });

  const train = async (parameters: object): Promise<{ model: string; request: TrainingRequestView }> => {
    const model = uniqueName('Own');
    const answer = await fetch(`${platform.registryUrl}/api/v1/training-requests`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model, recipe: 'own', parameters }),
    });
    expect(answer.ok, await answer.clone().text()).toBe(true);
    const [request] = await ended(platform, model, 1);
    return { model, request };
  };

  it.each([
    ['fine.onnx', false],
    ['fine.onnx', true],
    ['weights.onnx', false],
  ])('succeed where they run (%s, registered by the script: %s)', async (file, register) => {
    platform.explainFailure();
    const { model, request } = await train({ file, register });
    expect(request).toMatchObject({ state: 'succeeded', version: 1, error: null });
    await eventually(async () => {
      expect(await versionsOf(platform, model)).toHaveLength(1);
    });
  });

  it.each([
    ['broken.onnx', false, /^The model that the recipe logged can not be served: onnxruntime refuses the file.*Asin/],
    ['broken.onnx', true, /^Version 1, made of what the recipe logged, can not be served: onnxruntime refuses.*Asin/],
    ['weights-short.onnx', false, /^The model that the recipe logged can not be served: .*weights end at byte 32/],
  ])(
    'fail their request where nobody can run them (%s, registered by the script: %s)',
    async (file, register, sentence) => {
      platform.explainFailure();
      const { model, request } = await train({ file, register });
      expect(request).toMatchObject({
        state: 'failed',
        error: { code: 'MODEL_FILE_INVALID', message: expect.stringMatching(sentence) as string },
      });
      expect(await versionsOf(platform, model)).toHaveLength(register ? 1 : 0);
    },
  );
});
