import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Side } from '../servers/side.js';

/** By path inside of the model's folder. */
export type ModelFiles = Record<string, Uint8Array<ArrayBuffer>>;

const mlModel = `flavors:
  onnx: {data: model.onnx}
  python_function: {loader_module: mlflow.onnx, data: model.onnx}
`;

/** A model without a signature of columns, around its ONNX file. */
export const filesAround = (onnx: Uint8Array<ArrayBuffer>): ModelFiles => ({
  MLmodel: new Uint8Array(Buffer.from(mlModel)),
  'model.onnx': onnx,
});

/** What MLflow's `save_model` wrote. */
export const filesIn = (folder: string): ModelFiles =>
  Object.fromEntries(readdirSync(folder).map((name) => [name, new Uint8Array(readFileSync(join(folder, name)))]));

export const createModel = (side: Side, name: string): Promise<unknown> =>
  side.call('POST', 'registered-models/create', { name });

/** Registers one more version of a model by the calls of a client; its number. */
export const addVersion = async (side: Side, name: string, files: ModelFiles): Promise<string> => {
  const model = (await side.call('POST', 'logged-models', { experiment_id: '0', name: 'model' })).model as {
    info: { model_id: string; artifact_uri: string };
  };
  const { model_id, artifact_uri } = model.info;
  const folder = artifact_uri.replace('mlflow-artifacts:/', '');
  for (const [file, body] of Object.entries(files))
    await must(`${side.url}/api/2.0/mlflow-artifacts/artifacts/${folder}/${file}`, { method: 'PUT', body });
  await must(`${side.url}/api/2.0/mlflow/logged-models/${model_id}`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model_id, status: 'LOGGED_MODEL_READY' }),
  });
  const made = await side.call('POST', 'model-versions/create', { name, source: `models:/${model_id}`, model_id });
  return (made.model_version as { version: string }).version;
};

/** Promotes by what every client of MLflow knows: the stage. */
export const promote = (side: Side, name: string, version: string): Promise<unknown> =>
  side.call('POST', 'model-versions/transition-stage', {
    name,
    version,
    stage: 'Production',
    archive_existing_versions: true,
  });

/** Its end is told on the bus, so that the broker keeps nothing of it. */
export const deleteModel = (side: Side, name: string): Promise<void> =>
  must(`${side.url}/api/2.0/mlflow/registered-models/delete`, {
    method: 'DELETE',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name }),
  });

const must = async (url: string, init: RequestInit): Promise<void> => {
  const response = await fetch(url, init);
  if (response.status !== 200) throw new Error(`${url}: ${String(response.status)} ${await response.text()}`);
};
