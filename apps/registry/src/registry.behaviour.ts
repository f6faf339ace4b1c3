/* eslint-disable @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-return -- answers are asserted on, field by field */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { writeModel } from '#onnx';
import { SilentLogger, settings as schema } from '#runtime';
import { freshDatabase } from '#testing';
import { mustBeDescribed } from './described-answers.behaviour.js';
import { startRegistry } from './start-registry.js';

export interface RegistryUnderTest {
  app: NestFastifyApplication;
  url: string;
  databaseUrl: string;
  /** Where artifacts lie unless `more` named an S3 server. */
  folder: string;
  call: (method: string, path: string, body?: unknown) => Promise<{ status: number; body: Json }>;
  /** MLflow's API: fails unless the answer is 200. */
  mlflow: (method: string, path: string, body?: unknown) => Promise<Json>;
  close: () => Promise<void>;
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- answers are asserted on, field by field
export type Json = any;

/** The whole registry on a database of its own, events over the Postgres log, artifacts in a folder of its own. */
export const registryUnderTest = async (more: Record<string, unknown> = {}): Promise<RegistryUnderTest> => {
  const database = await freshDatabase();
  const folder = await mkdtemp(join(tmpdir(), 'registry-'));
  const given = {
    DATABASE_URL: database.url,
    ARTIFACTS_DIR: folder,
    REGISTRY_PORT: 0,
    HOST: '127.0.0.1',
    POSTGRES_BUS_POLL_MS: 100,
    OUTBOX_POLL_MS: 100,
    ...more,
  };
  const app = await startRegistry(schema.parse(given), new SilentLogger());
  const url = await app.getUrl();
  const call: RegistryUnderTest['call'] = async (method, path, body) => {
    const response = await fetch(`${url}${path}`, {
      method,
      ...(body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const answered = text.startsWith('{') ? JSON.parse(text) : text;
    mustBeDescribed(method, path, response.status, answered);
    return { status: response.status, body: answered };
  };
  return {
    app,
    url,
    databaseUrl: database.url,
    folder,
    call,
    mlflow: async (method, path, body) => {
      const answer = await call(method, `/api/2.0/mlflow/${path}`, body);
      if (answer.status !== 200) throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`);
      return answer.body;
    },
    close: async () => {
      await app.close();
      await database.drop();
      await rm(folder, { recursive: true });
    },
  };
};

/** A model with an input `features` of four columns; `weight` makes its content its own. */
export const onnxModel = (weight: number): Uint8Array =>
  writeModel({
    name: 'test',
    inputs: [{ name: 'features', datatype: 'FP32', shape: [-1, 4] }],
    outputs: [{ name: 'probabilities', datatype: 'FP32', shape: [-1, 2] }],
    nodes: [{ op: 'MatMul', inputs: ['features', 'w'], outputs: ['probabilities'] }],
    initializers: [{ name: 'w', shape: [4, 2], data: new Float32Array(8).fill(weight) }],
  });

/** A message field of protobuf, shorter than 16 KiB. */
const field = (number: number, ...parts: (Uint8Array | string)[]): Buffer => {
  const content = Buffer.concat(parts.map((part) => Buffer.from(part)));
  return Buffer.concat([Buffer.from([number * 8 + 2, (content.length & 0x7f) | 0x80, content.length >> 7]), content]);
};
const number = (at: number, value: number): Buffer => Buffer.from([at * 8, value]);

/** As `onnxModel`, its eight weights in a file beside it, as `mlflow.onnx` writes them. */
export const externalModel = (location: string, offset = 0): Uint8Array => {
  const entry = (key: string, value: string) => field(13, field(1, key), field(2, value));
  const where = [entry('location', location), entry('offset', String(offset)), entry('length', '32'), number(14, 1)];
  const weights = field(5, number(1, 4), number(1, 2), number(2, 1), field(8, 'w'), ...where);
  const value = (at: number, name: string, width: number) => {
    const shape = field(2, field(1, field(2, 'n')), field(1, number(1, width)));
    return field(at, field(1, name), field(2, field(1, number(1, 1), shape)));
  };
  const node = field(1, field(1, 'features'), field(1, 'w'), field(2, 'probabilities'), field(4, 'MatMul'));
  const graph = field(7, node, field(2, 'g'), weights, value(11, 'features', 4), value(12, 'probabilities', 2));
  return Buffer.concat([number(1, 8), graph, field(8, number(2, 15))]);
};

const irisColumns = ['sepal length (cm)', 'b', 'c', 'd'];

/** The MLmodel file of an ONNX model with these columns. */
const mlModel = (columns: readonly string[]): string => `flavors:
  onnx: {data: model.onnx, onnx_version: 1.19.0}
  python_function: {loader_module: mlflow.onnx, data: model.onnx}
signature:
  inputs: '${JSON.stringify(columns.map((name) => ({ type: 'double', name })))}'
  outputs: '[{"type":"long"}]'
`;

/** The calls of a trainer that speaks plain HTTP: run, logged model, files, version. */
export const trainAndRegister = async (
  { mlflow, url }: RegistryUnderTest,
  name: string,
  weight: number,
  tags: { key: string; value: string }[] = [],
  columns: readonly string[] = irisColumns,
): Promise<{ runId: string; modelId: string; version: Json }> => {
  const { run } = await mlflow('POST', 'runs/create', { experiment_id: '0', start_time: 1, tags });
  const run_id = run.info.run_id as string;
  await mlflow('POST', 'runs/log-metric', {
    run_id,
    run_uuid: run_id,
    key: 'accuracy',
    value: weight,
    timestamp: '5',
    step: 0,
  });
  const { model } = await mlflow('POST', 'logged-models', { experiment_id: '0', name: 'model', source_run_id: run_id });
  const { model_id, artifact_uri } = model.info as { model_id: string; artifact_uri: string };
  await mlflow('POST', 'runs/outputs', { run_id, models: [{ model_id, step: 0 }] });
  const folder = artifact_uri.replace('mlflow-artifacts:/', '');
  for (const [file, body] of [
    ['MLmodel', mlModel(columns)],
    ['model.onnx', onnxModel(weight)],
  ] as const) {
    const put = await fetch(`${url}/api/2.0/mlflow-artifacts/artifacts/${folder}/${file}`, {
      method: 'PUT',
      body: typeof body === 'string' ? body : Buffer.from(body),
      headers: { 'content-type': 'application/json' },
    });
    if (put.status !== 200) throw new Error(`PUT ${file}: ${String(put.status)} ${await put.text()}`);
  }
  await mlflow('PATCH', `logged-models/${model_id}`, { model_id, status: 'LOGGED_MODEL_READY' });
  await fetch(`${url}/api/2.0/mlflow/registered-models/create`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name }),
  });
  const source = `models:/${model_id}`;
  const made = await mlflow('POST', 'model-versions/create', { name, source, model_id, run_id, tags });
  await mlflow('POST', 'runs/update', { run_id, status: 'FINISHED', end_time: 9 });
  return { runId: run_id, modelId: model_id, version: made.model_version };
};
