/* eslint-disable @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-return -- answers are asserted on, field by field */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, services, uniqueName } from '#testing';
import { registryUnderTest, type RegistryUnderTest } from './registry.behaviour.js';

describe.skipIf(!services().postgres)('presets of a model', () => {
  let registry: RegistryUnderTest;
  beforeAll(async () => {
    registry = await registryUnderTest();
    await eventually(() => registry.mlflow('GET', 'experiments/get?experiment_id=0'));
  });
  afterAll(() => registry.close());

  const forest = (trees: number) => ({ recipe: 'random-forest', parameters: { n_estimators: trees } });
  const api = (model: string, path: string) => `/api/v1/models/${encodeURIComponent(model)}/${path}`;
  const put = (model: string, name: string, preset: object) =>
    registry.call('PUT', api(model, `presets/${name}`), preset);

  it('the first is current until another is chosen, and changing one changes nothing about that', async () => {
    const model = uniqueName('My model');
    expect((await registry.call('GET', api(model, 'current-preset'))).status).toBe(404);
    expect((await put(model, 'v1', forest(10))).body).toMatchObject({
      model,
      name: 'v1',
      current: true,
      dataset: null,
    });
    expect((await put(model, 'v2', forest(20))).body).toMatchObject({ current: false });
    expect(
      (await put(model, 'v1', { ...forest(11), dataset: { uri: 's3://b/k.csv', target: 'y' } })).body,
    ).toMatchObject({
      current: true,
      parameters: { n_estimators: 11 },
      dataset: { uri: 's3://b/k.csv', target: 'y' },
    });
    expect((await registry.call('PUT', api(model, 'current-preset'), { preset: 'v2' })).body.name).toBe('v2');
    expect((await registry.call('GET', api(model, 'current-preset'))).body.name).toBe('v2');
    const { body } = await registry.call('GET', api(model, 'presets'));
    expect(body.current).toBe('v2');
    expect(body.presets.map(({ name, current }: { name: string; current: boolean }) => [name, current])).toEqual([
      ['v1', false],
      ['v2', true],
    ]);
  });

  it('one is current, whoever makes the first at the same moment', async () => {
    const model = uniqueName('M');
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    await Promise.all(names.map((name) => put(model, name, forest(1))));
    await Promise.all(names.map((preset) => registry.call('PUT', api(model, 'current-preset'), { preset })));
    const { body } = await registry.call('GET', api(model, 'presets'));
    expect(body.presets.filter(({ current }: { current: boolean }) => current)).toHaveLength(1);
  });

  it('the current one goes last, and none goes that a schedule trains', async () => {
    const model = uniqueName('M');
    await put(model, 'v1', forest(1));
    await put(model, 'v2', forest(2));
    const scheduled = await registry.call('PUT', api(model, 'schedules/nightly'), { cron: '0 3 * * *', preset: 'v2' });
    expect(scheduled.status).toBe(200);
    const remove = (name: string) => registry.call('DELETE', api(model, `presets/${name}`));
    expect(await remove('v1')).toMatchObject({ status: 409, body: { code: 'CONFLICT' } });
    expect((await remove('v2')).body.detail).toMatch(/schedule/);
    await registry.call('DELETE', api(model, 'schedules/nightly'));
    expect((await remove('v2')).status).toBe(204);
    expect((await remove('v1')).status).toBe(204);
    expect((await remove('v1')).status).toBe(404);
    expect((await registry.call('PUT', api(model, 'current-preset'), { preset: 'v1' })).status).toBe(404);
  });

  const withNightly = async (model: string) => {
    await registry.mlflow('POST', 'registered-models/create', { name: model });
    await put(model, 'v1', forest(1));
    await put(model, 'v2', forest(2));
    await registry.call('PUT', api(model, 'current-preset'), { preset: 'v2' });
    await registry.call('PUT', api(model, 'schedules/nightly'), { cron: '0 3 * * *', preset: 'v1' });
  };
  const schedulesOf = async (model: string) =>
    (await registry.call('GET', `/api/v1/schedules?model=${encodeURIComponent(model)}`)).body.schedules;

  it('they go along when their model is renamed, and with it when it is deleted', async () => {
    const [model, renamed] = [uniqueName('M'), uniqueName('N')];
    await withNightly(model);
    await put(renamed, 'v1', forest(9));
    await registry.mlflow('POST', 'registered-models/rename', { name: model, new_name: renamed });
    expect((await registry.call('GET', api(model, 'presets'))).body.presets).toEqual([]);
    expect(await schedulesOf(model)).toEqual([]);
    const { body } = await registry.call('GET', api(renamed, 'presets'));
    // What was kept under the new name stays, and stays current.
    expect(body).toMatchObject({
      current: 'v1',
      presets: [
        { name: 'v1', parameters: { n_estimators: 9 } },
        { name: 'v2', parameters: { n_estimators: 2 } },
      ],
    });
    expect(await schedulesOf(renamed)).toMatchObject([{ name: 'nightly', preset: 'v1', cron: '0 3 * * *' }]);
    await registry.mlflow('DELETE', 'registered-models/delete', { name: renamed });
    expect((await registry.call('GET', api(renamed, 'presets'))).body.presets).toEqual([]);
    expect(await schedulesOf(renamed)).toEqual([]);
  });

  it('one that no bus takes is refused, and a request like it, too', async () => {
    const parameters = { weights: 'x'.repeat(300_000) };
    const model = uniqueName('M');
    const kept = await put(model, 'v1', { recipe: 'r', parameters });
    const asked = await registry.call('POST', '/api/v1/training-requests', { model, recipe: 'r', parameters });
    for (const { status, body } of [kept, asked]) {
      expect([status, body.code]).toEqual([400, 'REQUEST_INVALID']);
      expect(body.detail).toMatch(/more than 250000; put what is long into a data set/);
    }
  });

  it.each([
    [{ recipe: '' }, /recipe/],
    [{ recipe: 'random-forest', parameter: {} }, /parameter/],
    [{ recipe: 'random-forest', dataset: { url: 'iris' } }, /dataset/],
  ])('%j is refused by its field', async (preset, field) => {
    const answer = await put(uniqueName('M'), 'v1', preset);
    expect(answer).toMatchObject({ status: 400, body: { code: 'REQUEST_INVALID' } });
    expect(answer.body.detail).toMatch(field);
  });
});
