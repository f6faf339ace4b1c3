/* eslint-disable @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-member-access -- answers are asserted on, field by field */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, services } from '#testing';
import { registryUnderTest, type Json, type RegistryUnderTest } from './registry.behaviour.js';

const token = (content: unknown): string => btoa(JSON.stringify(content));

describe.skipIf(!services().postgres)('pages of runs', () => {
  let registry: RegistryUnderTest;
  let experiment_id: string;
  const COUNT = 23;

  const create = async (at: number, loss: unknown, lr?: string): Promise<string> => {
    const made = { experiment_id, start_time: at, run_name: `r${String(at % 3)}` };
    const { run } = await registry.mlflow('POST', 'runs/create', made);
    const run_id = run.info.run_id as string;
    const metrics = loss === undefined ? [] : [{ key: 'loss', value: loss, timestamp: 1, step: 0 }];
    const params = lr === undefined ? [] : [{ key: 'lr', value: lr }];
    await registry.mlflow('POST', 'runs/log-batch', { run_id, metrics, params });
    return run_id;
  };
  const search = (body: object) =>
    registry.call('POST', '/api/2.0/mlflow/runs/search', { experiment_ids: [experiment_id], ...body });
  const ids = ({ runs = [] }: Json): string[] => (runs as Json[]).map(({ info }) => info.run_id as string);

  /** All pages, one after the other; `between` runs after the first. */
  const walk = async (query: object, between?: () => Promise<unknown>): Promise<string[]> => {
    const found: string[] = [];
    let page_token: string | undefined;
    do {
      const { status, body } = await search({ ...query, max_results: 4, page_token });
      expect(status).toBe(200);
      found.push(...ids(body));
      if (page_token === undefined) await between?.();
      page_token = body.next_page_token;
    } while (page_token !== undefined);
    return found;
  };

  beforeAll(async () => {
    registry = await registryUnderTest();
    await eventually(() => registry.mlflow('GET', 'experiments/get?experiment_id=0'));
    ({ experiment_id } = await registry.mlflow('POST', 'experiments/create', { name: 'paged' }));
    for (let at = 0; at < COUNT; at++)
      // Times, metrics and params repeat; some metrics are NaN, some are missing.
      await create(
        1000 + (at % 5),
        at % 7 === 0 ? 'NaN' : at % 6 === 0 ? undefined : (at % 4) / 3,
        at % 2 ? String(at % 3) : undefined,
      );
  });
  afterAll(() => registry.close());

  const queries = [
    {},
    { order_by: ['start_time'] },
    { order_by: ['metrics.loss'] },
    { order_by: ['metrics.loss DESC'] },
    { order_by: ['metrics.loss DESC', 'run_name'] },
    { order_by: ['metrics.nothing'] },
    { order_by: ['params.lr DESC', 'run_name DESC'] },
    { order_by: ['end_time'] },
    { filter: 'metrics.loss >= 0' },
    { filter: "params.lr = '1' AND start_time > 1000", order_by: ['metrics.loss'] },
    { filter: "params.lr LIKE '%'", order_by: ['start_time DESC'] },
    { run_view_type: 'ALL', filter: 'tags.x IS NULL' },
  ];

  it.each(queries)('follow each other without a gap: %j', async (query) => {
    const { body } = await search(query);
    const all = ids(body);
    expect(body.next_page_token).toBeUndefined();
    expect(new Set(all).size).toBe(all.length);
    expect(await walk(query)).toEqual(all);
    // By an offset that a client wrote itself, as well.
    for (const offset of [1, 5, all.length])
      expect(ids((await search({ ...query, page_token: token({ offset }) })).body)).toEqual(all.slice(offset));
  });

  it('neither repeat nor hide a run when others are written meanwhile', async () => {
    for (const order_by of [[], ['metrics.loss'], ['metrics.loss DESC']]) {
      const before = ids((await search({ order_by })).body);
      const found = await walk({ order_by }, () => Promise.all([create(9999, 99), create(0, -99), create(1002, 0.5)]));
      const old = new Set(before);
      expect(found.filter((id) => old.has(id))).toEqual(before);
      expect(new Set(found).size).toBe(found.length);
    }
  });

  it('count by their offset alone when the question changes', async () => {
    const { body } = await search({ max_results: 4, order_by: ['metrics.loss'] });
    const other = { order_by: ['run_name', 'run_id'] };
    const all = ids((await search(other)).body);
    expect(ids((await search({ ...other, page_token: body.next_page_token })).body)).toEqual(all.slice(4));
  });

  it.each([
    'nonsense',
    '%%%',
    token({}),
    token([]),
    token(null),
    token({ offset: -1 }),
    token({ offset: 1.5 }),
    token({ offset: '1; drop table runs' }),
    token({ offset: { $gt: 1 } }),
  ])('refuse the token %s', async (page_token) => {
    expect(await search({ page_token })).toMatchObject({
      status: 400,
      body: { error_code: 'INVALID_PARAMETER_VALUE', message: expect.stringContaining('Invalid page token') as string },
    });
  });

  it('refuse or survive what was made up around the question they are for', async () => {
    const { body } = await search({ max_results: 4 });
    const { question } = JSON.parse(atob(body.next_page_token as string));
    for (const after of [
      [],
      ['1'],
      ['x', 'y'],
      ["1'; drop table registry.runs; --", 'y'],
      [null, null],
      ['99999999999999999999', 'y'],
      ['1', '\0'],
      ['1', '\ud800'],
      ['1', 'y', 'z'],
    ])
      expect((await search({ page_token: token({ offset: 4, after, question }) })).status).toBe(400);
    for (const after of [['1002', "'; drop"], 'x', { 0: 'x' }, [1, 2]])
      expect((await search({ page_token: token({ offset: 4, after, question }) })).status).toBe(200);
  });
});
