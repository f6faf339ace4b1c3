import { writeModel } from '#onnx';
import type { Side } from '../servers/side.js';

const mlModel = `flavors:
  onnx: {data: model.onnx}
  python_function: {loader_module: mlflow.onnx, data: model.onnx}
`;

/** Registers one more version of a model, with an ONNX file of its own, by the calls of a client; its number. */
export const addServableVersion = async (side: Side, name: string, weight: number): Promise<string> => {
  const model = (await side.call('POST', 'logged-models', { experiment_id: '0', name: 'model' })).model as {
    info: { model_id: string; artifact_uri: string };
  };
  const { model_id, artifact_uri } = model.info;
  const folder = artifact_uri.replace('mlflow-artifacts:/', '');
  const onnx = writeModel({
    name: 'bench',
    inputs: [{ name: 'features', datatype: 'FP32', shape: [-1, 4] }],
    outputs: [{ name: 'probabilities', datatype: 'FP32', shape: [-1, 2] }],
    nodes: [{ op: 'MatMul', inputs: ['features', 'w'], outputs: ['probabilities'] }],
    initializers: [{ name: 'w', shape: [4, 2], data: new Float32Array(8).fill(weight) }],
  });
  for (const [file, body] of [
    ['MLmodel', Buffer.from(mlModel)],
    ['model.onnx', Buffer.from(onnx)],
  ] as const)
    await must(`${side.url}/api/2.0/mlflow-artifacts/artifacts/${folder}/${file}`, { method: 'PUT', body });
  await must(`${side.url}/api/2.0/mlflow/logged-models/${model_id}`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model_id, status: 'LOGGED_MODEL_READY' }),
  });
  const made = await side.call('POST', 'model-versions/create', { name, source: `models:/${model_id}`, model_id });
  return (made.model_version as { version: string }).version;
};

const must = async (url: string, init: RequestInit): Promise<void> => {
  const response = await fetch(url, init);
  if (response.status !== 200) throw new Error(`${url}: ${String(response.status)} ${await response.text()}`);
};
