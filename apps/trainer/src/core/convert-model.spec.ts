import { describe, expect, it } from 'vitest';
import type { ModelRegistered, TrainingRequested } from '#contracts';
import { ConvertModel, CONVERTER, TrainingWishes } from './convert-model.js';
import { RecipeCatalogue } from './recipe-catalogue.js';

const registered = (over: Partial<ModelRegistered> = {}): ModelRegistered => ({
  model: 'M',
  version: 3,
  runId: null,
  source: 'models:/m-1',
  origin: 'client',
  promote: 'policy',
  servable: false,
  flavors: ['python_function', 'sklearn'],
  metrics: {},
  registeredAt: '2026-11-21T12:00:00.000Z',
  ...over,
});

class Catalogue extends RecipeCatalogue {
  constructor(private readonly ids: string[]) {
    super();
  }
  recipes = () => this.ids.map((id) => ({ id, title: id, memoryBytes: 1, diskBytes: 1, readParameters: () => ({}) }));
}

class Wishes extends TrainingWishes {
  readonly asked: [string, TrainingRequested][] = [];
  ask(id: string, request: TrainingRequested): Promise<void> {
    this.asked.push([id, request]);
    return Promise.resolve();
  }
}

const convert = async (event: ModelRegistered, ids = [CONVERTER]) => {
  const wishes = new Wishes();
  await new ConvertModel(new Catalogue(ids), wishes).execute('event-1', event);
  return wishes.asked;
};

describe('the conversion of pickles', () => {
  it('is asked for as a training that registers nothing, by an id of the registration', async () => {
    const request = { model: 'M', recipe: CONVERTER, parameters: { version: 3 }, register: false };
    expect(await convert(registered())).toEqual([['convert-event-1', expect.objectContaining(request)]]);
  });

  it.each([
    ['can be served', { servable: true, flavors: undefined }],
    ['is of another flavor', { flavors: ['python_function', 'xgboost'] }],
    ['has a broken ONNX file', { flavors: ['onnx', 'sklearn'] }],
    ['tells no flavors', { flavors: undefined }],
  ])('is not for a version that %s', async (_, over) => {
    expect(await convert(registered(over))).toEqual([]);
  });

  it('is not asked of a trainer without the recipe', async () => {
    expect(await convert(registered(), ['random-forest'])).toEqual([]);
  });
});
