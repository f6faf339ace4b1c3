import { createHash } from 'node:crypto';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { blobKey } from '#artifacts';
import { FilesystemArtifactStore } from '#artifacts/filesystem';
import { InMemoryArtifactStore } from '#artifacts/memory';
import { openSession } from '#onnx/runtime';
import { SilentLogger } from '#runtime';
import { externalModel, onnxModel } from '../registry.behaviour.js';
import { FreezeModel } from './freeze-model.js';
import type { FrozenBlobs } from './frozen-blobs.js';
import { FrozenFiles } from './frozen-files.js';
import { MlModelParser, ModelDirectory } from './model-directory.js';

class JsonParser extends MlModelParser {
  parse(text: string): unknown {
    return JSON.parse(text);
  }
}

const blobs: FrozenBlobs = { note: () => Promise.resolve() };
const folder = 'mlflow-artifacts/1/models/m-1/artifacts';
const location = 'mlflow-artifacts:/1/models/m-1/artifacts';
const bytes = (text: string) => new TextEncoder().encode(text);
const described = (data: unknown) => bytes(JSON.stringify({ flavors: { onnx: { data } } }));

const freezing = async (files: Record<string, Uint8Array>) => {
  const store = new InMemoryArtifactStore();
  for (const [name, body] of Object.entries(files)) await store.put(`${folder}/${name}`, body);
  const logger = new SilentLogger();
  const directory = new ModelDirectory(store, new JsonParser(), logger);
  return { store, freeze: new FreezeModel(store, directory, new FrozenFiles(store, blobs, logger)) };
};

describe('freezing a model', () => {
  it('keeps the file by its content, and again is the same', async () => {
    const { store, freeze } = await freezing({ MLmodel: described('model.onnx'), 'model.onnx': onnxModel(1) });
    const first = await freeze.execute(location);
    expect(first).toMatchObject({ servable: true, signature: { inputs: [{ name: 'features', shape: [-1, 4] }] } });
    expect(await freeze.execute(location)).toEqual(first);
    if (first.servable) expect(await store.stat(first.artifact.key)).toEqual({ sizeBytes: onnxModel(1).byteLength });
  });

  it('puts a blob right that was tampered with', async () => {
    const { store, freeze } = await freezing({ MLmodel: described('model.onnx'), 'model.onnx': onnxModel(1) });
    const frozen = await freeze.execute(location);
    if (!frozen.servable) throw new Error(frozen.reason);
    await store.put(blobKey(frozen.artifact.sha256), bytes('evil'));
    await freeze.execute(location);
    expect(await store.stat(frozen.artifact.key)).toEqual({ sizeBytes: frozen.artifact.sizeBytes });
  });

  it.each<[string, Record<string, Uint8Array>, RegExp]>([
    ['no MLmodel', { 'model.onnx': onnxModel(1) }, /no MLmodel/],
    ['an unreadable MLmodel', { MLmodel: bytes('{{') }, /can not be read/],
    ['no ONNX flavour', { MLmodel: bytes('{"flavors":{"sklearn":{}}}') }, /scikit-learn.*only ONNX is served/],
    ['a path out of the folder', { MLmodel: described('../../2/model.onnx') }, /outside/],
    ['an absolute path', { MLmodel: described('/etc/passwd') }, /outside/],
    ['a file that is missing', { MLmodel: described('model.onnx') }, /no file model.onnx/],
    [
      'several ONNX files',
      { MLmodel: bytes('{}'), 'a.onnx': onnxModel(1), 'b/c.onnx': onnxModel(1) },
      /several.*a.onnx, b\/c.onnx/,
    ],
    ['no file in its folder', { MLmodel: described('folder'), 'other.onnx': onnxModel(1) }, /no file folder/],
    ['another folder in another spelling', { MLmodel: described('%2e%2e/x.onnx') }, /outside/],
    [
      'a pickle',
      { MLmodel: bytes('{"flavors":{"sklearn":{"serialization_format":"cloudpickle"},"python_function":{}}}') },
      /scikit-learn model, kept as a pickle, and only ONNX/,
    ],
    ['TensorFlow', { MLmodel: bytes('{"flavors":{"tensorflow":{}}}') }, /a TensorFlow model, and only ONNX/],
    [
      'weights that are missing',
      { MLmodel: described('model.onnx'), 'model.onnx': externalModel('w.bin') },
      /w.bin.*missing/,
    ],
    [
      'weights elsewhere',
      { MLmodel: described('model.onnx'), 'model.onnx': externalModel('../w.bin') },
      /no plain path/,
    ],
    ['a file that is no ONNX', { MLmodel: described('model.onnx'), 'model.onnx': bytes('hello') }, /./],
  ])('says why a model with %s can not be served', async (_, files, reason) => {
    const { freeze } = await freezing(files);
    const frozen = await freeze.execute(location);
    expect(frozen).toMatchObject({ servable: false, reason: expect.stringMatching(reason) as string });
  });

  it('tells how the model is loaded in Python, as far as answers depend on it', async () => {
    const frozen = async (pyfunc: object, inputs: object[]) => {
      const flavors = { onnx: { data: 'model.onnx' }, python_function: { data: 'model.onnx', ...pyfunc } };
      const MLmodel = bytes(JSON.stringify({ flavors, signature: { inputs: JSON.stringify(inputs) } }));
      const made = await (await freezing({ MLmodel, 'model.onnx': onnxModel(1) })).freeze.execute(location);
      return made.servable ? made.signature.pyfunc : made.reason;
    };
    const tensor = [{ name: 'x', type: 'tensor', 'tensor-spec': { dtype: 'float32', shape: [-1, -1] } }];
    const column = [{ type: 'double', name: 'a', required: true }];
    expect(await frozen({ loader_module: 'mlflow.onnx' }, tensor)).toEqual({ loader: 'mlflow.onnx', tensors: true });
    const sklearn = { loader_module: 'mlflow.sklearn', predict_fn: 'predict_proba' };
    expect(await frozen(sklearn, column)).toEqual({ loader: 'mlflow.sklearn', predictFn: 'predict_proba' });
    expect(await frozen({}, column)).toBeUndefined();
  });

  it('brings the input example along, when it is small and can be read', async () => {
    const mlModel = (path: string) =>
      bytes(
        JSON.stringify({
          flavors: { onnx: { data: 'model.onnx' } },
          saved_input_example_info: {
            artifact_path: 'input_example.json',
            serving_input_path: path,
            type: 'dataframe',
          },
        }),
      );
    const frozen = async (path: string, example: string) => {
      const files = { MLmodel: mlModel(path), 'model.onnx': onnxModel(1), 'example.json': bytes(example) };
      return (await freezing(files)).freeze.execute(location);
    };
    const rows = '{"dataframe_split": {"columns": ["NaN", "b"], "data": [[NaN, 1]]}, "params": {"p": 1}}';
    expect(await frozen('example.json', rows)).toMatchObject({
      servable: true,
      inputExample: { dataframe_split: { columns: ['NaN', 'b'], data: [[null, 1]] } },
    });
    for (const [path, example] of [
      ['missing.json', rows],
      ['../example.json', rows],
      ['example.json', '[1]'],
      ['example.json', '{"params": {"p": 1}}'],
      ['example.json', '{"inputs": [1'],
      ['example.json', String.raw`{"inputs": ["\u0000"]}`],
      ['example.json', `{"inputs": [${'1,'.repeat(10_000)}1]}`],
    ]) {
      const without = await frozen(path, example);
      expect(without).toMatchObject({ servable: true });
      expect(without).not.toHaveProperty('inputExample');
    }
  });

  it.each<[string, string, Record<string, Uint8Array>]>([
    ['in the folder that the flavor names', 'onnx/m.onnx', { MLmodel: described('onnx') }],
    ['as the only one of a flavor of another kind', 'extra/net.ONNX', { MLmodel: bytes('{"flavors":{"pytorch":{}}}') }],
  ])('finds the ONNX file %s', async (_, path, files) => {
    const { freeze } = await freezing({ ...files, [path]: onnxModel(1) });
    expect(await freeze.execute(location)).toMatchObject({ servable: true });
  });

  it('puts weights of other files into the one that is kept', async () => {
    const weights = new Uint8Array(Float32Array.from([9, 1, 2, 3, 4, 5, 6, 7, 8]).buffer);
    const model = externalModel('weights/w.bin', 4);
    const { store, freeze } = await freezing({
      MLmodel: described('model.onnx'),
      'model.onnx': model,
      'weights/w.bin': weights,
    });
    const frozen = await freeze.execute(location);
    if (!frozen.servable) throw new Error(frozen.reason);
    const kept = await buffer((await store.get(frozen.artifact.key)).body);
    expect(createHash('sha256').update(kept).digest('hex')).toBe(frozen.artifact.sha256);
    expect(kept.length).toBe(frozen.artifact.sizeBytes);
    const session = await openSession(kept);
    const ones = { name: 'features', datatype: 'FP32', shape: [1, 4], data: new Float32Array(4).fill(1) } as const;
    const [{ data }] = await session.run([{ ...ones, shape: [...ones.shape] }]);
    expect([...(data as Float32Array)]).toEqual([16, 20]);
    await session.release();
  });

  it('follows no symbolic link, neither for the model nor for its weights', async () => {
    const root = await mkdtemp(join(tmpdir(), 'freeze-'));
    const store = new FilesystemArtifactStore(join(root, 'store'));
    const logger = new SilentLogger();
    const freeze = new FreezeModel(
      store,
      new ModelDirectory(store, new JsonParser(), logger),
      new FrozenFiles(store, blobs, logger),
    );
    await writeFile(join(root, 'secret'), new Uint8Array(32));
    await store.put(`${folder}/MLmodel`, described('model.onnx'));
    await store.put(`${folder}/model.onnx`, externalModel('w.bin'));
    await symlink(join(root, 'secret'), join(root, 'store', folder, 'w.bin'));
    expect(await freeze.execute(location)).toMatchObject({
      servable: false,
      reason: expect.stringContaining('missing') as string,
    });
    await store.remove(`${folder}/model.onnx`);
    await writeFile(join(root, 'other.onnx'), onnxModel(1));
    await symlink(join(root, 'other.onnx'), join(root, 'store', folder, 'model.onnx'));
    expect(await freeze.execute(location)).toMatchObject({ servable: false });
    await rm(root, { recursive: true });
  });

  it('leaves files of other places alone', async () => {
    const { freeze } = await freezing({});
    expect(await freeze.execute('s3://bucket/model')).toMatchObject({ servable: false });
  });
});
