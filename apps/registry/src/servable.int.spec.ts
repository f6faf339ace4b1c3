/* eslint-disable @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-return, @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-argument -- answers are asserted on, field by field */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ArtifactStore } from '#artifacts';
import { eventually, services, uniqueName } from '#testing';
import {
  externalModel,
  onnxModel,
  registryUnderTest,
  trainAndRegister,
  type Json,
  type RegistryUnderTest,
} from './registry.behaviour.js';

const PICKLE = `flavors:
  sklearn: {pickled_model: model.pkl, serialization_format: cloudpickle}
signature:
  inputs: '[{"type":"double","name":"a"},{"type":"double","name":"b"}]'
`;

describe.skipIf(!services().postgres)('versions that can be served, now or later', () => {
  let registry: RegistryUnderTest;

  beforeAll(async () => {
    registry = await registryUnderTest();
    await eventually(() => registry.mlflow('GET', 'experiments/get?experiment_id=0'));
  });
  afterAll(() => registry.close());

  const put = async (folder: string, name: string, body: string | Uint8Array) => {
    const url = `${registry.url}/api/2.0/mlflow-artifacts/artifacts/${folder}/${name}`;
    expect((await fetch(url, { method: 'PUT', body: Buffer.from(body) })).status).toBe(200);
  };
  /** Logs a model of these files and registers it, as a client would. */
  const register = async (name: string, files: Record<string, string | Uint8Array>, tags: Json[] = []) => {
    const { model } = await registry.mlflow('POST', 'logged-models', { experiment_id: '0', name: 'model' });
    const { model_id, artifact_uri } = model.info;
    const folder = artifact_uri.replace('mlflow-artifacts:/', '');
    for (const [file, body] of Object.entries(files)) await put(folder, file, body);
    await registry.call('POST', '/api/2.0/mlflow/registered-models/create', { name });
    const wish = { name, source: `models:/${String(model_id)}`, model_id, tags };
    const { model_version } = await registry.mlflow('POST', 'model-versions/create', wish);
    return { folder, version: Number(model_version.version), tags: tagsOf(model_version) };
  };
  const tagsOf = ({ tags }: Json): Record<string, string> =>
    Object.fromEntries((tags ?? []).map(({ key, value }: Json) => [key, value]));
  const attach = async (name: string, version: number, body: Uint8Array | object, query = '') => {
    const isFile = body instanceof Uint8Array;
    const response = await fetch(`${registry.url}/api/v1/models/${name}/versions/${String(version)}/servable${query}`, {
      method: 'PUT',
      headers: { 'content-type': isFile ? 'application/octet-stream' : 'application/json' },
      body: isFile ? Buffer.from(body) : JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as Json };
  };
  const model = async (name: string): Promise<Json> => (await registry.call('GET', `/api/v1/models/${name}`)).body;
  const stage = (name: string, version: number, to: string) =>
    registry.mlflow('POST', 'model-versions/transition-stage', {
      name,
      version: String(version),
      stage: to,
      archive_existing_versions: false,
    });
  const champion = (name: string, version: number) =>
    registry.mlflow('POST', 'registered-models/alias', { name, alias: 'champion', version: String(version) });
  const pickled = { MLmodel: PICKLE, 'model.pkl': 'not read' };

  it('says on the version why it can not be served, and lets no client say otherwise', async () => {
    const name = uniqueName('model');
    const forged = [{ key: 'baton.servable', value: 'true' }, { key: 'mine', value: '1' }]; // prettier-ignore
    const { version, tags } = await register(name, pickled, forged);
    expect(tags).toMatchObject({ 'baton.servable': 'false', mine: '1' });
    expect(tags['baton.notServableReason']).toMatch(/scikit-learn model, kept as a pickle/);
    for (const [method, path] of [
      ['POST', 'set-tag'],
      ['DELETE', 'delete-tag'],
    ]) {
      const wish = { name, version: String(version), key: 'baton.servable', value: 'true' };
      const { status, body } = await registry.call(method, `/api/2.0/mlflow/model-versions/${path}`, wish);
      expect([status, body.error_code]).toEqual([400, 'INVALID_PARAMETER_VALUE']);
    }
    const { versions } = await model(name);
    expect(versions[0]).toMatchObject({ servable: false, notServableReason: tags['baton.notServableReason'] });
  });

  it.each([
    ['cut off', { MLmodel: 'flavors: {onnx: {data: model.onnx}}', 'model.onnx': onnxModel(0.5).subarray(0, 40) }],
    ['not there', { MLmodel: 'flavors: {onnx: {data: model.onnx}}' }],
  ])('tells an ONNX file that is %s from none', async (_, files) => {
    const { tags } = await register(uniqueName('model'), files);
    expect(tags).toMatchObject({ 'baton.servable': 'false', 'baton.notServableCode': 'MODEL_FILE_INVALID' });
    const { tags: none } = await register(uniqueName('model'), pickled);
    expect(none).not.toHaveProperty(['baton.notServableCode']);
  });

  it('freezes weights that lie beside the graph into one file', async () => {
    const name = uniqueName('model');
    const weights = new Uint8Array(new Float32Array(8).fill(0.5).buffer);
    const files = { MLmodel: 'flavors: {onnx: {data: model.onnx}}', 'model.onnx': externalModel('model.data') };
    const { tags } = await register(name, { ...files, 'model.data': weights });
    expect(tags).toEqual({ 'baton.servable': 'true' });
    const [{ artifact, signature }] = (await model(name)).versions;
    expect(artifact.sizeBytes).toBeGreaterThan(32);
    expect(signature.inputs).toEqual([{ name: 'features', datatype: 'FP32', shape: [-1, 4] }]);
    expect(await registry.app.get(ArtifactStore).stat(artifact.key)).toEqual({ sizeBytes: artifact.sizeBytes });
  });

  it('keeps a wish until the ONNX file is attached, and then promotes by the door it came through', async () => {
    const name = uniqueName('model');
    await trainAndRegister(registry, name, 0.1);
    await stage(name, 1, 'Production');
    const { version } = await register(name, pickled);
    await stage(name, version, 'Production');
    const waiting = await model(name);
    expect(waiting).toMatchObject({ promoted: { version: 1, generation: 1 }, pending: { version: 2, cause: 'stage' } });
    expect(waiting.pending.why).toMatch(/pickle/);
    expect(waiting.agreement.differs).toMatch(/Version 1 is promoted, but versions 1, 2 are in stage Production/);

    const attached = await attach(name, version, onnxModel(0.2));
    expect(attached.status).toBe(200);
    expect(attached.body).toMatchObject({ servable: true, promotion: { version: 2, generation: 2, cause: 'stage' } });
    expect(attached.body.signature.columns.map((column: Json) => column.name)).toEqual(['a', 'b']);
    expect(await model(name)).toMatchObject({ promoted: { version: 2, generation: 2 }, pending: null });
    const got = await registry.mlflow('GET', `model-versions/get?name=${name}&version=2`);
    expect(tagsOf(got.model_version)).toEqual({ 'baton.servable': 'true' });
    expect(got.model_version.aliases).toBeUndefined();

    const again = await attach(name, version, onnxModel(0.2));
    expect([again.status, again.body.promotion]).toEqual([200, null]);
    expect((await attach(name, version, onnxModel(0.3))).status).toBe(409);
    expect((await model(name)).promoted).toEqual({ version: 2, generation: 2 });
    // A copy has what was attached to its original.
    await registry.mlflow('POST', 'registered-models/create', { name: `${name}-copy` });
    const copy = { name: `${name}-copy`, source: `models:/${name}/2` };
    const { model_version } = await registry.mlflow('POST', 'model-versions/create', copy);
    expect(tagsOf(model_version)).toEqual({ 'baton.servable': 'true' });
    expect(await registry.app.get(ArtifactStore).list('incoming')).toEqual([]);
  });

  it('moves labels with the pointer when our own door had to wait', async () => {
    const name = uniqueName('model');
    const { version } = await register(name, pickled);
    const api = `/api/v1/models/${name}`;
    const asked = await registry.call('POST', `${api}/promotions`, { version, reason: 'please' });
    expect(asked).toMatchObject({ status: 202, body: { pending: { version: 1, cause: 'request', reason: 'please' } } });
    expect((await registry.call('POST', `${api}/promotions`, { version })).body).toEqual(asked.body);
    expect((await model(name)).versions[0]).toMatchObject({ stage: 'None', aliases: [] });
    const { body } = await attach(name, version, onnxModel(0.4));
    expect(body).toMatchObject({ stage: 'Production', aliases: ['champion'], promotion: { reason: 'please' } });
    expect((await model(name)).agreement.agree).toBe(true);
  });

  const cancelling: [string, (name: string) => Promise<unknown>][] = [
    ['a later wish', (name) => champion(name, 1)],
    ['archiving', (name) => stage(name, 2, 'Archived')],
    ['leaving Production', (name) => stage(name, 2, 'None')],
    ['retirement', (name) => registry.call('DELETE', `/api/v1/models/${name}/promotions`)],
  ];
  it.each(cancelling)('forgets what waits after %s', async (_, cancel) => {
    const name = uniqueName('model');
    await trainAndRegister(registry, name, 0.1);
    await register(name, pickled);
    await stage(name, 2, 'Production');
    await cancel(name);
    const before = await model(name);
    expect(before.pending).toBeNull();
    expect((await attach(name, 2, onnxModel(0.5))).body).toMatchObject({ servable: true, promotion: null });
    expect((await model(name)).promoted).toEqual(before.promoted);
  });

  it('takes the wish along when the model is renamed, and forgets it with the version', async () => {
    const name = uniqueName('model');
    await register(name, pickled);
    await register(name, pickled);
    await champion(name, 1);
    await registry.mlflow('POST', 'registered-models/rename', { name, new_name: `${name}-new` });
    expect(await model(`${name}-new`)).toMatchObject({ promoted: { version: null }, pending: { version: 1 } });
    await registry.mlflow('DELETE', 'model-versions/delete', { name: `${name}-new`, version: '1' });
    expect((await model(`${name}-new`)).pending).toBeNull();
  });

  it('lets the policy decide anew when the file is there', async () => {
    const name = uniqueName('model');
    const { version } = await trainAndRegister(registry, name, 0.1);
    await registry.call('POST', `/api/v1/models/${name}/promotions`, { version: version.version });
    const policy = { kind: 'always', signatureChanges: 'refuse' };
    await registry.call('PUT', `/api/v1/models/${name}/policy`, policy);
    for (const expected of [2, 3]) {
      expect((await register(name, pickled)).version).toBe(expected);
      await eventually(async () => {
        expect((await model(name)).pending).toMatchObject({ version: expected, cause: 'policy' });
      });
      const iris = ['sepal length (cm)', 'b', 'c', 'd'].map((column) => ({ name: column, type: 'double' }));
      const query = expected === 3 ? `?columns=${encodeURIComponent(JSON.stringify(iris))}` : '';
      await attach(name, expected, onnxModel(expected), query);
      const { pending, promoted, versions } = await model(name);
      expect(pending).toBeNull();
      expect(promoted.version).toBe(expected === 3 ? 3 : 1);
      expect(versions[0].policyDecision).toMatchObject({ outcome: expected === 3 ? 'promoted' : 'left' });
    }
  });

  it('takes columns that can be those of the file, and keeps them as they were given with it', async () => {
    const name = uniqueName('model');
    const { version, folder } = await register(name, pickled);
    await put(folder, 'a.onnx', onnxModel(7));
    const columns = ['a', 'b', 'c', 'd'].map((column) => ({ name: column, type: 'double', required: true }));
    const inQuery = (given: Json[]) => `?columns=${encodeURIComponent(JSON.stringify(given))}`;
    const refused: [Json[], RegExp][] = [
      [[{ ...columns[0], type: 'zz' }, ...columns.slice(1)], /columns.*0\.type.*boolean.*double/],
      [[columns[0], ...columns.slice(0, 3)], /columns.*1\.name: a column "a" is named already/],
      [columns.slice(1), /names 3, but the inputs of the ONNX file take 4/],
    ];
    for (const [given, detail] of refused)
      for (const answer of [
        await attach(name, version, onnxModel(7), inQuery(given)),
        await attach(name, version, { path: 'a.onnx', columns: given }),
      ])
        expect([answer.status, answer.body.detail]).toEqual([400, expect.stringMatching(detail)]);
    expect((await attach(name, version, onnxModel(7), inQuery(columns))).body.signature.columns).toEqual(columns);
    expect((await attach(name, version, onnxModel(7), inQuery(columns))).status).toBe(200);
    expect((await attach(name, version, onnxModel(7))).status).toBe(200);
    const others = await attach(name, version, onnxModel(7), inQuery([...columns].reverse()));
    expect([others.status, others.body.detail]).toEqual([409, expect.stringMatching(/with other columns already/)]);
    expect((await model(name)).versions[0].signature.columns).toEqual(columns);
  });

  it('names a file of the directory too, and says what is wrong with one', async () => {
    const name = uniqueName('model');
    const { version, folder } = await register(name, { ...pickled, 'a.onnx': onnxModel(1), 'b.onnx': onnxModel(2) });
    expect((await model(name)).versions[0].notServableReason).toMatch(/several ONNX files \(a.onnx, b.onnx\)/);
    await put(folder, 'broken.onnx', 'no model');
    const refused: [Uint8Array | object, number, RegExp, string?][] = [
      [{ path: 'none.onnx' }, 404, /no file none.onnx/],
      [{ path: '../../x.onnx' }, 400, /below the directory/],
      [{ path: '%2e%2e/x.onnx' }, 400, /below the directory/],
      [{ path: 'broken.onnx' }, 400, /ONNX file can't be used/],
      [{ path: 'MLmodel' }, 400, /ONNX file can't be used/],
      [{}, 400, /octet-stream, or JSON/],
      [{ path: 'a.onnx', columns: [] }, 400, /columns/],
      [new Uint8Array(), 400, /empty|no graph/],
      [new TextEncoder().encode('pickle'), 400, /ONNX file can't be used/],
      [onnxModel(1).subarray(0, 90), 400, /ONNX file can't be used/],
      [externalModel('w.bin'), 400, /weights in files beside it/],
      [onnxModel(1), 400, /columns/, '?columns=nonsense'],
    ];
    for (const [body, status, detail, query] of refused) {
      const answer = await attach(name, version, body, query);
      expect([answer.status, answer.body.detail]).toEqual([status, expect.stringMatching(detail)]);
    }
    expect((await attach(name, 9, onnxModel(1))).status).toBe(404);
    expect((await attach(name, version, { path: 'b.onnx' })).body).toMatchObject({ servable: true, promotion: null });
  });
});
