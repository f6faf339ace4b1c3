/* eslint-disable @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-return, @typescript-eslint/no-unsafe-argument -- answers are asserted on, field by field */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, services } from '#testing';
import { registryUnderTest, type Json, type RegistryUnderTest } from './registry.behaviour.js';

describe.skipIf(!services().postgres)('the history of metrics', () => {
  let registry: RegistryUnderTest;
  let long: string;
  let short: string;
  const get = (path: string, query: string) => registry.call('GET', `/api/2.0/mlflow/metrics/${path}?${query}`);
  const ajax = (path: string, query: string) => registry.call('GET', `/ajax-api/2.0/mlflow/metrics/${path}?${query}`);
  const steps = (metrics: Json[]): number[] => metrics.map(({ step }) => step);

  const log = async (count: number): Promise<string> => {
    const { run_id } = (await registry.mlflow('POST', 'runs/create', { experiment_id: '0' })).run.info;
    const metrics = Array.from({ length: count }, (_, step) => ({ key: 'loss', value: step / 2, timestamp: 5, step }));
    for (let from = 0; from < count; from += 1000)
      await registry.mlflow('POST', 'runs/log-batch', { run_id, metrics: metrics.slice(from, from + 1000) });
    return run_id;
  };

  beforeAll(async () => {
    registry = await registryUnderTest();
    await eventually(() => registry.mlflow('GET', 'experiments/get?experiment_id=0'));
    [long, short] = [await log(26_000), await log(5)];
  });
  afterAll(() => registry.close());

  it('comes page by page, without a gap or a repetition', async () => {
    const seen: number[] = [];
    for (let token: string | undefined = ''; token !== undefined;) {
      const { body } = await get(
        'get-history',
        `run_id=${long}&metric_key=loss&max_results=7000&page_token=${encodeURIComponent(token)}`,
      );
      seen.push(...steps(body.metrics));
      token = body.next_page_token;
    }
    expect(seen).toEqual(Array.from({ length: 26_000 }, (_, step) => step));
  });

  it('comes in one answer, streamed, to who names no size, and with a token where a size ends it', async () => {
    const { body } = await get('get-history', `run_id=${long}&metric_key=loss`);
    expect([body.metrics.length, body.next_page_token]).toEqual([26_000, undefined]);
    expect(body.metrics[25_999]).toEqual({ key: 'loss', value: 12_999.5, timestamp: 5, step: 25_999 });
    const more = await get('get-history', `run_id=${long}&metric_key=loss&max_results=25500`);
    expect(more.body.metrics).toHaveLength(25_500);
    const rest = await get(
      'get-history',
      `run_id=${long}&metric_key=loss&page_token=${String(more.body.next_page_token)}`,
    );
    expect(steps(rest.body.metrics)[0]).toBe(25_500);
    expect(rest.body.metrics).toHaveLength(500);
  });

  it('is empty for an unknown run or key, and refuses what is no page', async () => {
    for (const query of ['run_id=nope&metric_key=loss', `run_id=${short}&metric_key=nope`])
      expect(await get('get-history', query)).toEqual({ status: 200, body: {} });
    const of = `run_id=${short}&metric_key=loss`;
    expect((await get('get-history', `${of}&max_results=x`)).body.metrics).toHaveLength(5);
    const refused = async (query: string) => (await get('get-history', query)).body.message;
    expect(await refused(`${of}&max_results=0`)).toContain('It must be a positive integer.');
    expect(await refused(`${of}&page_token=abc`)).toBe('Invalid page token, could not base64-decode');
    expect(await refused(`${of}&page_token=${btoa('{"after":["1","x","2"]}')}`)).toContain('Invalid page token');
    expect(await refused('metric_key=loss')).toContain("required parameter 'run_id'");
    expect(await refused(`run_id=${short}`)).toContain("required parameter 'metric_key'");
  });

  it('is sampled evenly, with its first and its last point', async () => {
    const sampled = async (query: string) => steps((await get('get-history-bulk-interval', query)).body.metrics);
    const both = `run_ids=${short}&run_ids=${long}&metric_key=loss`;
    expect(await sampled(`${both}&max_results=3`)).toEqual([0, 2, 4, 0, 8667, 25_999]);
    expect(await sampled(`${both}&max_results=1`)).toEqual([4, 25_999]);
    expect(await sampled(`${both}&max_results=9&start_step=1&end_step=3`)).toEqual([1, 2, 3, 1, 2, 3]);
    expect(await sampled(`run_ids=${long}&metric_key=loss`)).toHaveLength(2500);
    expect((await ajax('get-history-bulk-interval', `run_ids=${short}&metric_key=loss&max_results=1`)).body).toEqual({
      metrics: [{ key: 'loss', value: 2, timestamp: 5, step: 4, run_id: short }],
    });
    expect((await get('get-history-bulk-interval', 'run_ids=nope&metric_key=loss')).body).toEqual({});
  });

  it.each([
    ['', "Missing value for required parameter 'run_ids'."],
    ['run_ids=a', "Missing value for required parameter 'metric_key'."],
    ['run_ids=a&metric_key=m&start_step=1', 'If either start step or end step are specified, both must be specified.'],
    [
      'run_ids=a&metric_key=m&start_step=5&end_step=2',
      'end_step must be greater than start_step. Found start_step=5 and end_step=2.',
    ],
    ['run_ids=a&metric_key=m&max_results=0', 'max_results must be between 1 and 2500.'],
    ['run_ids=a&metric_key=m&max_results=2501', 'max_results must be between 1 and 2500.'],
    ['run_ids=a&metric_key=m&max_results=x', "Hint: Value was of type 'str'."],
    [`${'run_ids=a&'.repeat(101)}metric_key=m`, 'must specify at most 100 run_ids. Received 101 run_ids.'],
  ])('refuses samples of %s', async (query, message) => {
    const answer = await get('get-history-bulk-interval', query);
    expect(answer).toMatchObject({ status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } });
    expect(answer.body.message).toContain(message);
  });

  it("comes of several runs at once for MLflow's pages", async () => {
    const { body } = await ajax('get-history-bulk', `run_id=${short}&run_id=${long}&metric_key=loss&max_results=7`);
    const [first] = [short, long].sort();
    expect(body.metrics).toHaveLength(7);
    expect(body.metrics[0]).toEqual({ key: 'loss', value: 0, timestamp: 5, step: 0, run_id: first });
    expect((await ajax('get-history-bulk', 'run_id=nope&metric_key=loss')).body).toEqual({ metrics: [] });
    const message = async (query: string) => (await ajax('get-history-bulk', query)).body.message;
    expect(await message('metric_key=m')).toContain('at least one run_id');
    expect(await message('run_id=a')).toContain('must specify a metric_key');
    expect(await message(`${'run_id=a&'.repeat(101)}metric_key=m`)).toContain('Received 101 run_ids.');
    expect((await get('get-history-bulk', 'run_id=a&metric_key=m')).status).toBe(404);
  });
});
