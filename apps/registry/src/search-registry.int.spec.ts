/* eslint-disable @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-member-access -- answers are asserted on, field by field */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, services } from '#testing';
import { registryUnderTest, type Json, type RegistryUnderTest } from './registry.behaviour.js';

const NOT_A_PROMPT = "tag.`mlflow.prompt.is_prompt` != 'true'";
const refused = { status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } };

describe.skipIf(!services().postgres)('searches of the registry and of experiments', () => {
  let registry: RegistryUnderTest;
  const experiments: Record<string, string> = {};
  const runs: Record<string, string> = {};

  const get = (path: string, query: Record<string, string | string[]>) => {
    const search = new URLSearchParams();
    for (const [key, value] of Object.entries(query)) for (const one of [value].flat()) search.append(key, one);
    return registry.call('GET', `/api/2.0/mlflow/${path}?${search.toString()}`);
  };
  const models = async (query: Record<string, string | string[]>): Promise<string[]> =>
    (((await get('registered-models/search', query)).body.registered_models ?? []) as Json[]).map(
      ({ name }) => name as string,
    );
  const versions = async (query: Record<string, string | string[]>): Promise<string[]> =>
    (((await get('model-versions/search', query)).body.model_versions ?? []) as Json[]).map(
      ({ name, version }) => `${String(name)}${String(version)}`,
    );
  const experimentNames = async (body: object): Promise<string[]> =>
    (
      ((await registry.mlflow('POST', 'experiments/search', { max_results: 100, ...body })).experiments ?? []) as Json[]
    ).map(({ name }) => name as string);

  beforeAll(async () => {
    registry = await registryUnderTest();
    const { mlflow } = registry;
    await eventually(() => mlflow('GET', 'experiments/get?experiment_id=0'));
    const tagged = (team?: string) => (team === undefined ? [] : [{ key: 'team', value: team }]);
    for (const [name, team] of [
      ['one', 'red'],
      ['two', 'blue'],
      ['Three', undefined],
    ] as const) {
      const made = await mlflow('POST', 'experiments/create', { name, tags: tagged(team) });
      experiments[name] = made.experiment_id as string;
    }
    await mlflow('POST', 'experiments/delete', { experiment_id: experiments.two });
    const prompt = [{ key: 'mlflow.prompt.is_prompt', value: 'true' }];
    for (const [name, tags] of [
      ['a', tagged('red')],
      ['b', tagged('blue')],
      ['c', []],
      ['p', [...prompt, ...tagged('red')]],
    ] as const) {
      await mlflow('POST', 'registered-models/create', { name, tags });
      for (const number of [1, 2]) {
        const own = name === 'p' ? prompt : number === 1 ? tagged('red') : [];
        const { run } = await mlflow('POST', 'runs/create', { experiment_id: '0' });
        const { run_id, artifact_uri } = run.info as { run_id: string; artifact_uri: string };
        runs[`${name}${String(number)}`] = run_id;
        await mlflow('POST', 'model-versions/create', {
          name,
          source: name === 'p' ? 'dummy-source' : `${artifact_uri}/x-${name}`,
          run_id,
          tags: own,
        });
      }
    }
  });
  afterAll(() => registry.close());

  it.each([
    ['', ['a', 'b', 'c']],
    [NOT_A_PROMPT, ['a', 'b', 'c']],
    ["tags.`mlflow.prompt.is_prompt` = 'false'", ['a', 'b', 'c']],
    [`name LIKE '%' AND ${NOT_A_PROMPT}`, ['a', 'b', 'c']],
    ["tags.`mlflow.prompt.is_prompt` = 'true'", ['p']],
    ["tags.`mlflow.prompt.is_prompt` != 'false' AND tags.team = 'red'", ['p']],
    ["name = 'a'", ['a']],
    ["name != 'a'", ['b', 'c']],
    ["name LIKE 'C'", []],
    ["name ILIKE 'C'", ['c']],
    ["name IN ('a', 'b', 'p')", ['a', 'b']],
    ["name NOT IN ('a')", ['b', 'c']],
    ["tag.team = 'red'", ['a']],
    // What has no such tag differs from nothing.
    ["tags.team != 'red'", ['b']],
    ["tags.team LIKE '%e%' AND tags.team != 'red'", ['b']],
  ])('finds the models where %s', async (filter, names) => {
    expect((await models({ filter })).sort()).toEqual(names);
  });

  it('orders models, and pages through them', async () => {
    expect(await models({ order_by: 'name DESC' })).toEqual(['c', 'b', 'a']);
    expect(await models({ order_by: ['timestamp DESC', 'name ASC'] })).toEqual(['c', 'b', 'a']);
    const seen: string[] = [];
    for (let page_token = ''; ;) {
      const { body } = await get('registered-models/search', {
        max_results: '1',
        order_by: 'last_updated_timestamp',
        page_token,
      });
      seen.push(...(body.registered_models as Json[]).map(({ name }) => name as string));
      page_token = body.next_page_token as string;
      if (!page_token) break;
    }
    expect(seen).toEqual(['a', 'b', 'c']);
    expect(await models({ page_token: btoa('{"offset": 2}') })).toEqual((await models({})).slice(2));
  });

  it.each([
    ['', ['a1', 'a2', 'b1', 'b2', 'c1', 'c2']],
    ["tags.`mlflow.prompt.is_prompt` = 'true'", ['p1', 'p2']],
    ["name = 'p'", []],
    ["name = 'a'", ['a1', 'a2']],
    ["name IN ('a', 'b') AND version_number > 1", ['a2', 'b2']],
    ["version_number = '1' AND name ILIKE 'c'", ['c1']],
    ["source_path LIKE '%/x-a'", ['a1', 'a2']],
    ["tags.team = 'red'", ['a1', 'b1', 'c1']],
    ["tags.team != 'blue'", ['a1', 'b1', 'c1']],
  ])('finds the versions where %s', async (filter, names) => {
    expect((await versions({ filter })).sort()).toEqual(names);
  });

  it('finds versions by their runs', async () => {
    expect(await versions({ filter: `run_id = '${runs.a1}'` })).toEqual(['a1']);
    const list = `'${runs.a1}', "${runs.b2}", '${runs.c1.toUpperCase()}'`;
    expect((await versions({ filter: `run_id IN (${list})` })).sort()).toEqual(['a1', 'b2']);
    expect(await versions({ filter: `run_id NOT IN (${list}) AND name = 'a'` })).toEqual(['a2']);
  });

  it('orders versions: the last one that changed first, else by name and number', async () => {
    const [newest] = await versions({});
    expect(newest).toBe('c2');
    expect(await versions({ order_by: 'version_number' })).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'c2']);
    expect(await versions({ order_by: ['name DESC', 'version_number ASC'] })).toEqual([
      'c1',
      'c2',
      'b1',
      'b2',
      'a1',
      'a2',
    ]);
    expect(await versions({ order_by: 'name', filter: "name = 'a'" })).toEqual(['a2', 'a1']);
  });

  it.each([
    ['registered-models/search', { filter: 'metrics.x > 1' }],
    ['registered-models/search', { filter: 'tags.x IS NULL' }],
    ['registered-models/search', { order_by: 'creation_timestamp' }],
    ['registered-models/search', { page_token: 'x' }],
    ['registered-models/search', { max_results: '1001' }],
    ['model-versions/search', { filter: "version_number = 'one'" }],
    ['model-versions/search', { filter: 'version_number > 1.5' }],
    ['model-versions/search', { filter: "source_path IN ('x')" }],
    ['model-versions/search', { filter: "name = 'a' OR name = 'b'" }],
    ['model-versions/search', { order_by: ['name', 'name DESC'] }],
    ['model-versions/search', { max_results: '200001' }],
  ])('refuses %s of %j', async (path, query) => {
    expect(await get(path, query)).toMatchObject(refused);
  });

  it.each([
    [{}, ['Three', 'one', 'Default']],
    [{ view_type: 'ALL' }, ['Three', 'two', 'one', 'Default']],
    [{ view_type: 'DELETED_ONLY' }, ['two']],
    [{ filter: "name ILIKE 'T%'", view_type: 'ALL' }, ['Three', 'two']],
    [{ filter: "attribute.name LIKE 'T%'" }, ['Three']],
    [{ filter: "tags.team = 'red'" }, ['one']],
    [{ filter: "tag.team != 'red'", view_type: 'ALL' }, ['two']],
    [{ filter: 'tags.team IS NULL' }, ['Three', 'Default']],
    [{ filter: 'tags.team IS NOT NULL', view_type: 'ALL' }, ['two', 'one']],
    [{ filter: "experiment_id IN ('0')" }, ['Default']],
    [{ filter: "experiment_id != '0'" }, ['Three', 'one']],
    [{ filter: 'creation_time < 0' }, []],
    [{ order_by: ['experiment_id'] }, ['Default', 'one', 'Three']],
    [{ order_by: ['last_update_time ASC'], view_type: 'ALL' }, ['Default', 'one', 'Three', 'two']],
  ])('finds the experiments of %j', async (body, names) => {
    expect(await experimentNames(body)).toEqual(names);
  });

  it.each([
    [{ filter: "attributes.name = 'a'" }],
    [{ filter: "experiment_id = 'x'" }],
    [{ filter: 'creation_time > 1.5' }],
    [{ order_by: ['tags.team'] }],
    [{ order_by: ['nothing'] }],
    [{ max_results: 0 }],
    [{ max_results: 50_001 }],
  ])('refuses experiments of %j', async (body) => {
    expect(
      await registry.call('POST', '/api/2.0/mlflow/experiments/search', { max_results: 10, ...body }),
    ).toMatchObject(refused);
  });
});
