import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SilentLogger } from '#runtime';
import { fetchLoggedModel } from './logged-model-files.js';
import { MlflowClient } from './mlflow.client.js';

const ARTIFACTS = '/api/2.0/mlflow-artifacts/artifacts';
const onnx = 'flavors: {onnx: {data: model.onnx}}';

describe('the files of a logged model', () => {
  /** Of the one model there is, by their names. */
  let files: Record<string, string>;
  let location: string;
  let asked: string[];
  /** What the files themselves are answered with. */
  let status: number;
  const server = createServer(({ url = '' }, response) => {
    asked.push(url);
    const path = decodeURIComponent(url);
    const name = path.startsWith(`${ARTIFACTS}/1/model/`) ? basename(path) : undefined;
    if (name !== undefined) response.writeHead(status).end(status === 200 ? files[name] : '{}');
    else if (path.includes('/runs/get')) response.end('{"run":{"info":{"artifact_uri":"mlflow-artifacts:/1"}}}');
    else if (path.includes('get-download-uri')) response.end(JSON.stringify({ artifact_uri: location }));
    else if (path.includes('logged-models'))
      response.end(JSON.stringify({ model: { info: { artifact_uri: location } } })); // prettier-ignore
    else response.end(JSON.stringify({ files: listed() }));
  });
  const listed = () => [
    { path: 'folder', is_dir: true },
    ...Object.entries(files).map(([path, { length }]) => ({ path, is_dir: false, file_size: length })),
  ];
  let folder: string;
  beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'baton-logged-'));
    [files, location, asked, status] = [{ MLmodel: onnx, 'model.onnx': 'graph' }, 'mlflow-artifacts:/1/model', [], 200];
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const fetched = (logged: Parameters<typeof fetchLoggedModel>[1] = { loggedModelId: 'm-1' }) => {
    const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
    return fetchLoggedModel(new MlflowClient(url, new SilentLogger()), logged, folder);
  };

  it('come into one folder, with what was logged beside them', async () => {
    const signature = String.raw`{inputs: '[{"type":"double","name":"a"},{"type":"double","name":"b"}]'}`;
    const info = '{serving_input_path: serving_input_example.json}';
    files.MLmodel = `${onnx}\nsignature: ${signature}\nsaved_input_example_info: ${info}`;
    files['serving_input_example.json'] = '{}';
    files['3f-4a'] = 'weights';
    const model = await fetched();
    expect(model).toMatchObject({ columns: 2, sizeBytes: 'graph{}weights'.length });
    const path = model?.path ?? '';
    expect(await readFile(path, 'utf8')).toBe('graph');
    expect(model?.example).toBe(join(dirname(path), 'serving_input_example.json'));
    expect((await readdir(dirname(path))).sort()).toEqual(Object.keys(files).sort());
    files['serving_input_example.json'] = ' '.repeat(16 * 1024 + 1);
    expect(await fetched()).not.toHaveProperty('example');
  });

  it('are found by a version, also by one of a run', async () => {
    const version = { model: 'M', version: 2 };
    expect(await fetched(version)).toBeDefined();
    location = 'runs:/r/model';
    expect(await fetched(version)).toBeDefined();
    expect(asked).toContain('/api/2.0/mlflow/runs/get?run_id=r');
    expect(asked.at(-1)).toBe(`${ARTIFACTS}/1/model/model.onnx`);
  });

  it.each<[string, () => void]>([
    ['of another flavor', () => (files.MLmodel = 'flavors: {sklearn: {pickled_model: model.pkl}}')],
    ['without an MLmodel file', () => delete files.MLmodel],
    ['with one that is no YAML', () => (files.MLmodel = '{{')],
    ['whose file is not there', () => delete files['model.onnx']],
    ['whose file lies elsewhere', () => (files.MLmodel = 'flavors: {onnx: {data: ../model.onnx}}')],
    ['of a folder', () => (files.MLmodel = 'flavors: {onnx: {data: folder}}')],
    ['of another server', () => (location = 's3://bucket/1/model')],
  ])('are left where they are for a model %s', async (_, change) => {
    change();
    expect(await fetched()).toBeUndefined();
    expect(asked.filter((url) => url.endsWith('.onnx'))).toEqual([]);
  });

  it('are waited for while the registry is away', async () => {
    status = 503;
    await expect(fetched()).rejects.toMatchObject({ code: 'REGISTRY_UNAVAILABLE' });
  });
});
