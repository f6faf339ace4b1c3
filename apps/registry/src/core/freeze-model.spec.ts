import { describe, expect, it } from 'vitest';
import { blobKey } from '#artifacts';
import { InMemoryArtifactStore } from '#artifacts/memory';
import { SilentLogger } from '#runtime';
import { onnxModel } from '../registry.behaviour.js';
import { FreezeModel, MlModelParser } from './freeze-model.js';

class JsonParser extends MlModelParser {
  parse(text: string): unknown {
    return JSON.parse(text);
  }
}

const folder = 'mlflow-artifacts/1/models/m-1/artifacts';
const location = 'mlflow-artifacts:/1/models/m-1/artifacts';
const bytes = (text: string) => new TextEncoder().encode(text);
const described = (data: unknown) => bytes(JSON.stringify({ flavors: { onnx: { data } } }));

const freezing = async (files: Record<string, Uint8Array>) => {
  const store = new InMemoryArtifactStore();
  for (const [name, body] of Object.entries(files)) await store.put(`${folder}/${name}`, body);
  return { store, freeze: new FreezeModel(store, new JsonParser(), new SilentLogger()) };
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
    ['no ONNX flavour', { MLmodel: bytes('{"flavors":{"sklearn":{}}}') }, /names no ONNX file/],
    ['a path out of the folder', { MLmodel: described('../../2/model.onnx') }, /outside/],
    ['an absolute path', { MLmodel: described('/etc/passwd') }, /outside/],
    ['a file that is missing', { MLmodel: described('model.onnx') }, /no file model.onnx/],
    ['a file that is no ONNX', { MLmodel: described('model.onnx'), 'model.onnx': bytes('hello') }, /./],
  ])('says why a model with %s can not be served', async (_, files, reason) => {
    const { freeze } = await freezing(files);
    const frozen = await freeze.execute(location);
    expect(frozen).toMatchObject({ servable: false, reason: expect.stringMatching(reason) as string });
  });

  it('leaves files of other places alone', async () => {
    const { freeze } = await freezing({});
    expect(await freeze.execute('s3://bucket/model')).toMatchObject({ servable: false });
  });
});
