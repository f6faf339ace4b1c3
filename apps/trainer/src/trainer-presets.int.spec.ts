import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventually, services, uniqueName } from '#testing';
import { forest, TrainerWorld } from './trainer-world.behaviour.js';

describe.skipIf(services().postgres === undefined)('what a trainer looks up, and what it leaves', () => {
  let world: TrainerWorld;
  beforeAll(async () => {
    world = await TrainerWorld.open();
  });
  afterAll(() => world.close());
  afterEach(() => world.stopTrainers());

  const preset = (name: string, trees: number) => ({
    name,
    recipe: 'random-forest',
    parameters: { n_estimators: trees, random_state: 1 },
    dataset: null,
  });

  it('the same request trains what is current, and a named preset when it names one', async () => {
    const model = uniqueName('My_model');
    const { presets } = world.mlflow;
    presets.set(model, preset('v1', 3));
    presets.set(`${model}/v2`, preset('v2', 4));
    await world.start();
    const trees = async (request: object) => {
      const requestId = await world.ask({ model, ...request });
      const done = await world.completed(requestId);
      expect(done).toMatchObject({ outcome: 'succeeded', recipe: 'random-forest' });
      const [{ params, tags }] = world.runsOf(requestId);
      return [tags['baton.preset'], params.n_estimators];
    };
    expect(await trees({})).toEqual(['v1', '3']);
    presets.set(model, preset('v2', 4));
    expect(await trees({})).toEqual(['v2', '4']);
    expect(await trees({ preset: 'v2', parameters: { n_estimators: 5 } })).toEqual(['v2', '5']);
  });

  it('a preset is looked up once for a request, whatever becomes of it between the attempts', async () => {
    const model = uniqueName('M');
    world.mlflow.presets.set(model, preset('v1', 3_000));
    const { process: doomed } = await world.start();
    const requestId = await world.ask({ model });
    await world.begun(requestId);
    world.mlflow.presets.set(model, { ...preset('v2', 3), recipe: 'logistic-regression' });
    doomed.kill('SIGKILL');
    await world.start();
    expect(await world.completed(requestId)).toMatchObject({ outcome: 'succeeded', preset: 'v1' });
    expect(world.runsOf(requestId)[0].params.n_estimators).toBe('3000');
  });

  it('a version that the registry can not serve fails its request, with what is wrong with its file', async () => {
    await world.start();
    world.mlflow.brokenFile = 'its ONNX file is cut off';
    const requestId = await world.ask({ model: uniqueName('M'), ...forest });
    expect(await world.completed(requestId)).toMatchObject({
      outcome: 'failed',
      attempts: 1,
      error: { code: 'MODEL_FILE_INVALID', message: expect.stringContaining('its ONNX file is cut off') as string },
    });
    expect(world.runsOf(requestId)).toMatchObject([{ status: 'FAILED' }]);
    world.mlflow.brokenFile = undefined;
  });

  it('that a recipe runs is told also when it says nothing itself', async () => {
    const recipes = await mkdtemp(join(tmpdir(), 'baton-silent-'));
    await mkdir(join(recipes, 'silent'));
    const silent = { id: 'silent', title: 'Silent', command: ['/bin/sh', '-c', 'exit 65'] };
    await writeFile(join(recipes, 'silent', 'recipe.yaml'), JSON.stringify(silent));
    await world.start({ TRAINER_RECIPES_DIR: recipes });
    const requestId = await world.ask({ model: uniqueName('M'), recipe: 'silent' });
    expect(await world.completed(requestId)).toMatchObject({ outcome: 'failed', error: { code: 'DATASET_INVALID' } });
    await eventually(() => {
      expect(world.progress(requestId).map(({ state }) => state)).toContain('running');
    });
    await rm(recipes, { recursive: true });
  });

  it('a request that names nothing there is fails with what to do, and leaves no run', async () => {
    await world.start();
    const model = uniqueName('M');
    for (const [request, sentence] of [
      [{}, /baton preset set/],
      [{ preset: 'v9' }, /no preset "v9"/],
    ] as const) {
      const requestId = await world.ask({ model, ...request });
      const message = expect.stringMatching(sentence) as string;
      expect(await world.completed(requestId)).toMatchObject({
        outcome: 'failed',
        error: { code: 'PRESET_UNKNOWN', message },
      });
      expect(world.runsOf(requestId)).toEqual([]);
    }
  });

  it('trains only what changed where only that is asked for', async () => {
    const rows = (last: string) => `a,b,y\n${'1,2,0\n3,4,1\n'.repeat(20)}${last}\n`;
    const write = (text: string) => writeFile(join(world.dataRoot, 'table.csv'), text);
    await write(rows('1,2,0'));
    await world.start();
    const model = uniqueName('M');
    const ask = async (more: object = {}) => {
      const requestId = await world.ask({
        model,
        ...forest,
        dataset: { uri: 'file:table.csv' },
        onlyIfChanged: true,
        ...more,
      });
      const { outcome, error } = await world.completed(requestId);
      return { outcome, code: error?.code, runs: world.runsOf(requestId).length };
    };
    const trained = { outcome: 'succeeded', code: undefined, runs: 1 };
    const skipped = { outcome: 'skipped', code: 'TRAINING_SKIPPED', runs: 0 };
    expect(await ask()).toEqual(trained);
    expect(await ask()).toEqual(skipped);
    expect(await ask({ parameters: { n_estimators: 6 } })).toEqual(trained);
    await write(rows('3,4,1'));
    expect(await ask({ parameters: { n_estimators: 6 } })).toEqual(trained);
    expect(await ask({ parameters: { n_estimators: 6 } })).toEqual(skipped);
    expect(await ask({ parameters: { n_estimators: 6 }, onlyIfChanged: false })).toEqual(trained);
  });

  it('sends nothing that is taken once another attempt has begun', async () => {
    await world.start();
    const requestId = await world.ask({ model: uniqueName('M'), ...forest, parameters: { n_estimators: 10_000 } });
    await world.begun(requestId);
    // As if another trainer held the job by now, and this one had not noticed.
    world.mlflow.attempts.set(requestId, { fence: 99, token: 'of another' });
    await world.cancel(requestId, 'stop');
    await eventually(() => {
      expect(world.mlflow.refused.length).toBeGreaterThan(0);
    });
    expect(world.runsOf(requestId)).toMatchObject([{ status: 'RUNNING' }]);
  });
});
