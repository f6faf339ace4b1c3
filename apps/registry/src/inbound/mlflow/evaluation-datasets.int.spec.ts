/* eslint-disable @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-return, @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-argument, @typescript-eslint/restrict-template-expressions -- answers are asserted on, field by field */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, services } from '#testing';
import { registryUnderTest, type Json, type RegistryUnderTest } from '../../registry.behaviour.js';

describe.skipIf(!services().postgres)('evaluation datasets on the wire', () => {
  let registry: RegistryUnderTest;
  const call = async (method: string, path: string, body?: unknown): Promise<Json> => {
    const answer = await registry.call(method, `/api/3.0/mlflow/datasets${path}`, body);
    return answer.status === 200 ? answer.body : [answer.status, answer.body.error_code, answer.body.message];
  };
  const make = async (name: string, more: object = {}): Promise<Json> =>
    (await call('POST', '/create', { name, ...more })).dataset;
  const merge = (id: string, records: unknown[]) =>
    call('POST', `/${id}/records`, { records: JSON.stringify(records) });
  const recordsOf = async (id: string, query = ''): Promise<Json[]> =>
    JSON.parse((await call('GET', `/${id}/records${query}`)).records);

  beforeAll(async () => {
    registry = await registryUnderTest();
    await eventually(() => registry.mlflow('GET', 'experiments/get?experiment_id=0'));
  });
  afterAll(async () => {
    await registry.close();
  });

  it('are made, tagged and removed', async () => {
    const dataset = await make('one', { experiment_ids: ['0'], tags: '{"z":"1","mlflow.user":"bob"}' });
    const id = dataset.dataset_id as string;
    expect(id).toMatch(/^d-[0-9a-f]{32}$/);
    expect(dataset).toMatchObject({
      tags: '{"z": "1", "mlflow.user": "bob"}',
      created_by: 'bob',
      last_updated_by: 'bob',
      experiment_ids: ['0'],
      digest: expect.stringMatching(/^[0-9a-f]{8}$/),
    });
    expect(dataset).not.toHaveProperty('schema');
    await call('PATCH', `/${id}/tags`, { tags: '{"z":"9","gone":null,"f":1.5,"b":true}' });
    await call('DELETE', `/${id}/tags/mlflow.user`, {});
    const seen = await registry.call('GET', `/ajax-api/3.0/mlflow/datasets/${id}`);
    expect(seen.body.dataset.tags).toBe('{"z": "9", "f": "1.5", "b": "True"}');
    expect(seen.body.dataset).not.toHaveProperty('experiment_ids');
    expect(await call('PATCH', '/d-nope/tags', { tags: '{}' })).toEqual([
      404,
      'RESOURCE_DOES_NOT_EXIST',
      'Could not find evaluation dataset with ID d-nope',
    ]);
    expect((await call('POST', '/create', { name: 'x', tags: 'no JSON' }))[0]).toBe(400);
    expect((await call('POST', '/create', {}))[2]).toContain("Missing value for required parameter 'name'");
    expect([await call('DELETE', `/${id}`), await call('DELETE', `/${id}`)]).toEqual([{}, {}]);
    expect((await call('GET', `/${id}`))[2]).toBe(`Evaluation dataset with id '${id}' not found`);
  });

  it('merge records by their inputs and tell schema and profile', async () => {
    const { dataset_id: id, digest } = await make('two');
    const first = { inputs: { q: 'a', n: 1 }, expectations: { e: 1 }, tags: { 'mlflow.user': 'al' } };
    expect(await merge(id, [first])).toEqual({ inserted_count: 1, updated_count: 0 });
    const again = { inputs: { n: 1, q: 'a' }, expectations: { f: 2 }, outputs: { o: 1 } };
    expect(await merge(id, [again, { inputs: { q: 'b' } }, { inputs: { q: 'b' }, outputs: null }])).toEqual({
      inserted_count: 1,
      updated_count: 2,
    });
    const records = await recordsOf(id);
    expect(records.find(({ inputs }) => inputs.q === 'a')).toMatchObject({
      dataset_id: id,
      dataset_record_id: expect.stringMatching(/^dr-/),
      expectations: { e: 1, f: 2 },
      outputs: { o: 1 },
      created_by: 'al',
    });
    expect(records.find(({ inputs }) => inputs.q === 'b')).not.toHaveProperty('outputs');
    const { dataset } = await call('GET', `/${id}`);
    expect(dataset.schema).toBe(
      '{"inputs": {"q": "string", "n": "integer"}, "outputs": {"o": "integer"}, "expectations": {"e": "integer", "f": "integer"}, "version": "1.0"}',
    );
    expect(dataset.profile).toBe('{"num_records": 2}');
    expect(dataset.digest).not.toBe(digest);
    expect((await merge('d-nope', [first])).slice(0, 2)).toEqual([404, 'RESOURCE_DOES_NOT_EXIST']);
    expect((await call('POST', `/${id}/records`, { records: '[5]' })).slice(0, 2)).toEqual([
      400,
      'INVALID_PARAMETER_VALUE',
    ]);
  });

  it('hand records out by pages and let go of them', async () => {
    const { dataset_id: id } = await make('three');
    await merge(
      id,
      Array.from({ length: 5 }, (_, at) => ({ inputs: { at } })),
    );
    const seen: number[] = [];
    for (let token = ''; ;) {
      const page = await call('GET', `/${id}/records?max_results=2&page_token=${encodeURIComponent(token)}`);
      seen.push(...JSON.parse(page.records).map(({ inputs }: Json) => inputs.at as number));
      token = page.next_page_token ?? '';
      if (token === '') break;
    }
    expect(seen.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4]);
    expect((await call('GET', `/${id}/records?page_token=x`))[0]).toBe(400);
    expect(await call('GET', '/d-nope/records')).toEqual({ records: '[]' });
    const ids = (await recordsOf(id)).map(({ dataset_record_id }) => dataset_record_id);
    expect(await call('DELETE', `/${id}/records`, { dataset_record_ids: [ids[0], 'nope'] })).toEqual({
      deleted_count: 1,
    });
    expect((await call('GET', `/${id}`)).dataset.profile).toBe('{"num_records": 4}');
    await call('DELETE', `/${id}/records`, { dataset_record_ids: ids });
    expect((await call('GET', `/${id}`)).dataset.profile).toBe('null');
  });

  it('belong to experiments and are found by them, by name and by tag', async () => {
    const { experiment_id } = await registry.mlflow('POST', 'experiments/create', { name: 'evals' });
    const { dataset_id: id } = await make('four', { tags: '{"team":"a"}' });
    const { dataset_id: other } = await make('four-too');
    await call('POST', `/${id}/add-experiments`, { experiment_ids: [experiment_id, '0'] });
    await call('POST', `/${id}/add-experiments`, { experiment_ids: [experiment_id] });
    expect(await call('GET', `/${id}/experiment-ids`)).toEqual({ experiment_ids: [experiment_id, '0'] });
    expect(await call('POST', `/${id}/add-experiments`, { experiment_ids: ['999'] })).toEqual([
      404,
      'RESOURCE_DOES_NOT_EXIST',
      'No Experiment with id=999',
    ]);
    expect((await call('POST', '/d-nope/remove-experiments', { experiment_ids: ['0'] }))[2]).toBe(
      "Dataset 'd-nope' not found",
    );
    await call('POST', `/${id}/remove-experiments`, { experiment_ids: ['0', '77'] });
    const found = async (query: object) =>
      ((await call('POST', '/search', query)).datasets ?? []).map(({ dataset_id }: Json) => dataset_id);
    expect(await found({ experiment_ids: [experiment_id] })).toEqual([id]);
    expect(await found({ filter_string: "name LIKE 'four%'", order_by: ['name DESC'] })).toEqual([other, id]);
    expect(await found({ filter_string: "tags.team = 'a'" })).toEqual([id]);
    const page = await call('POST', '/search', { filter_string: "name LIKE 'four%'", max_results: 1 });
    expect(page).toMatchObject({ datasets: [{ dataset_id: other }], next_page_token: expect.any(String) });
    expect((await call('POST', '/search', { filter_string: "bogus = 'x'" }))[0]).toBe(400);
  });
});
