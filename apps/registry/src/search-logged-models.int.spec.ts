/* eslint-disable @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-member-access -- answers are asserted on, field by field */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, services } from '#testing';
import { registryUnderTest, type Json, type RegistryUnderTest } from './registry.behaviour.js';

describe.skipIf(!services().postgres)('searches for logged models', () => {
  let registry: RegistryUnderTest;
  let experiment_id: string;

  const search = (body: object) =>
    registry.call('POST', '/api/2.0/mlflow/logged-models/search', { experiment_ids: [experiment_id], ...body });
  const names = ({ models = [] }: Json): string => (models as Json[]).map(({ info }) => info.name as string).join('');

  beforeAll(async () => {
    registry = await registryUnderTest();
    const { mlflow } = registry;
    await eventually(() => mlflow('GET', 'experiments/get?experiment_id=0'));
    ({ experiment_id } = await mlflow('POST', 'experiments/create', { name: 'models' }));
    const { run } = await mlflow('POST', 'runs/create', { experiment_id });
    const run_id = run.info.run_id as string;
    const wine = { dataset_name: 'wine', dataset_digest: 'w1' };
    const iris = { dataset_name: 'iris', dataset_digest: 'i1' };
    const made = [
      {
        name: 'a',
        lr: '0.01',
        team: 'red',
        metrics: [
          { value: 0.9, ...wine },
          { value: 0.2, ...iris },
        ],
      },
      { name: 'b', lr: '0.1', team: 'blue', metrics: [{ value: 0.5, ...wine, dataset_digest: 'w2' }] },
      { name: 'c', lr: '1', team: 'red', metrics: [] },
    ];
    for (const { name, lr, team, metrics } of made) {
      const { model } = await mlflow('POST', 'logged-models', {
        experiment_id,
        name,
        model_type: `type-${name}`,
        params: [{ key: 'lr', value: lr }],
        tags: [{ key: 'team', value: team }],
      });
      const { model_id } = model.info as { model_id: string };
      for (const [at, metric] of metrics.entries())
        await mlflow('POST', 'runs/log-metric', {
          run_id,
          key: 'acc',
          timestamp: 10 - at,
          step: at,
          model_id,
          ...metric,
        });
    }
  });
  afterAll(() => registry.close());

  const acc = { field_name: 'metrics.acc' };
  it.each([
    [{}, 'cba'],
    [{ filter: "name = 'a'" }, 'a'],
    [{ filter: 'name = a' }, 'a'],
    [{ filter: 'attributes.model_type IN (\'type-a\', "type-c")' }, 'ca'],
    [{ filter: 'params.lr = 0.01' }, 'a'],
    [{ filter: "params.lr LIKE '0.%' AND tags.team != 'blue'" }, 'a'],
    [{ filter: "tags.team IN ('red')" }, 'ca'],
    [{ filter: "status = 'LOGGED_MODEL_PENDING' AND creation_time > 5" }, 'cba'],
    [{ filter: 'metrics.acc > 0.6' }, 'a'],
    [{ filter: 'metrics.acc > 0.6', datasets: [{ dataset_name: 'iris' }] }, ''],
    [{ filter: 'metrics.acc < 0.6', datasets: [{ dataset_name: 'iris' }, { dataset_name: 'wine' }] }, 'ba'],
    [{ datasets: [{ dataset_name: 'wine', dataset_digest: 'w2' }] }, 'b'],
    [{ order_by: [acc] }, 'bac'],
    [{ order_by: [{ ...acc, ascending: false }] }, 'abc'],
    [{ order_by: [{ ...acc, dataset_name: 'iris' }] }, 'acb'],
    [{ order_by: [{ ...acc, dataset_name: 'wine', dataset_digest: 'w2' }] }, 'bca'],
    [{ order_by: [{ field_name: 'creation_time' }] }, 'abc'],
    [{ order_by: [{ field_name: 'model_type', ascending: false }] }, 'cba'],
  ])('find by %j', async (body, found) => {
    const answer = await search(body);
    expect(answer.status).toBe(200);
    expect(names(answer.body)).toBe(found);
  });

  it.each([
    { filter: "tag.team = 'a'" },
    { filter: "nothing = 'a'" },
    { filter: "metrics.acc = 'x'" },
    { filter: "name = 'a' OR name = 'b'" },
    { datasets: [{ dataset_digest: 'w1' }] },
    { order_by: [{ field_name: 'params.lr' }] },
    { order_by: [{ field_name: 'nothing' }] },
    { order_by: [{ ...acc, dataset_digest: 'w1' }] },
    { page_token: 'no token' },
  ])('refuse %j', async (body) => {
    expect(await search(body)).toMatchObject({ status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } });
  });

  it('go on with the same question and refuse the token for another', async () => {
    const question = { filter: "tags.team = 'red'", order_by: [acc], max_results: 1 };
    const first = (await search(question)).body;
    expect(names(first)).toBe('a');
    const page_token = first.next_page_token as string;
    expect(names((await search({ ...question, page_token })).body)).toBe('c');
    for (const other of [{ filter: '' }, { order_by: [{ ...acc, ascending: false }] }, { experiment_ids: ['0'] }])
      expect((await search({ ...question, ...other, page_token })).status).toBe(400);
  });
});
