/* eslint-disable @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-return, @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-argument -- answers are asserted on, field by field */
import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createParser } from 'eventsource-parser';
import { EventBus } from '#messaging';
import { requestIdOf } from '#runtime';
import { eventually, services, uniqueName } from '#testing';
import { registryUnderTest, type Json, type RegistryUnderTest } from './registry.behaviour.js';

describe.skipIf(!services().postgres)("the registry's own API", () => {
  let registry: RegistryUnderTest;
  let bus: EventBus;

  beforeAll(async () => {
    registry = await registryUnderTest();
    bus = registry.app.get(EventBus);
    await eventually(() => registry.mlflow('GET', 'experiments/get?experiment_id=0'));
  });
  afterAll(() => registry.close());

  const say = (type: string, key: string, data: unknown, id: string = crypto.randomUUID()) =>
    bus.publish(type, key, { id, source: '/test', type, time: new Date().toISOString(), data });

  /** Reads the feed until `count` messages have come. */
  const follow = async (query: string, count: number, lastEventId?: string): Promise<{ id: string; data: Json }[]> => {
    const stop = new AbortController();
    const headers = lastEventId === undefined ? undefined : { 'last-event-id': lastEventId };
    const response = await fetch(`${registry.url}/api/v1/events${query}`, { headers, signal: stop.signal });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    const seen: { id: string; data: Json }[] = [];
    const parser = createParser({ onEvent: ({ id = '', data }) => seen.push({ id, data: JSON.parse(data) }) });
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) {
      parser.feed(decoder.decode(chunk as Uint8Array, { stream: true }));
      if (seen.length >= count) break;
    }
    stop.abort();
    return seen;
  };

  it('lists training requests, whoever sent them, and follows them to their end', async () => {
    const model = uniqueName('model');
    const asked = { model, recipe: 'random-forest', parameters: { n_estimators: 5 } };
    const { status, body } = await registry.call('POST', '/api/v1/training-requests', asked);
    expect(status).toBe(202);
    expect(body).toMatchObject({ ...asked, state: 'queued', source: '/baton/registry' });
    expect((await registry.call('GET', `/api/v1/training-requests/${String(body.id)}`)).body).toEqual(body);
    await say('training.requested', model, { model, recipe: 'logistic-regression' }, 'from-kcat');
    const other = requestIdOf('/test', 'from-kcat');
    await say('training.progressed', other, { requestId: other, model, state: 'running', attempt: 1 });
    await say('training.completed', model, {
      requestId: body.id,
      model,
      outcome: 'failed',
      attempts: 2,
      error: { code: 'TRAINING_FAILED', message: 'no' },
      endedAt: new Date().toISOString(),
    });
    await eventually(async () => {
      const { requests } = (await registry.call('GET', `/api/v1/training-requests?model=${model}`)).body;
      expect(requests.map(({ id, state }: Json) => [id, state])).toEqual([
        [other, 'running'],
        [body.id, 'failed'],
      ]);
    });
    expect((await registry.call('DELETE', `/api/v1/training-requests/${String(body.id)}`)).status).toBe(409);
    expect((await registry.call('DELETE', `/api/v1/training-requests/${other}`)).status).toBe(202);
    expect((await registry.call('DELETE', `/api/v1/training-requests/${crypto.randomUUID()}`)).status).toBe(404);
    const [{ data }] = await follow('?types=training.cancel-requested&from=start', 1);
    expect(data.data).toEqual({ requestId: other, reason: '' });
  });

  it('names every broken field of a request', async () => {
    const { status, body } = await registry.call('POST', '/api/v1/training-requests', { recipe: 3, modle: 'x' });
    expect(status).toBe(400);
    for (const part of ['model', 'recipe', 'modle']) expect(body.detail).toContain(part);
    const broken = await fetch(`${registry.url}/api/v1/training-requests`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{',
    });
    expect(broken.status).toBe(400);
    expect(broken.headers.get('content-type')).toContain('application/problem+json');
  });

  it('replays the feed after the last id a client saw, without a gap or a repetition', async () => {
    const model = uniqueName('model');
    for (let at = 0; at < 6; at++) await say('training.requested', model, { model, recipe: `r${String(at)}` });
    const recipes = (events: { data: Json }[]) =>
      events.filter(({ data }) => data.data.model === model).map(({ data }) => data.data.recipe);
    const all = await eventually(async () => {
      const { requests } = (await registry.call('GET', `/api/v1/training-requests?model=${model}`)).body;
      expect(requests).toHaveLength(6);
      const { requests: every } = (await registry.call('GET', '/api/v1/training-requests')).body;
      return follow('?types=training.requested&from=start', every.length);
    });
    expect(recipes(all)).toEqual(['r0', 'r1', 'r2', 'r3', 'r4', 'r5']);
    const third = all.findIndex(({ data }) => data.data.model === model && data.data.recipe === 'r2');
    const rest = await follow('?types=training.requested', all.length - third - 1, all[third].id);
    expect(recipes(rest)).toEqual(['r3', 'r4', 'r5']);
    const next = follow('?types=training.requested', 1);
    await eventually(async () => {
      const { body } = await registry.call('GET', '/metrics');
      expect(body).toContain('baton_registry_feed_readers 1');
    });
    await say('training.requested', model, { model, recipe: 'r6' });
    expect(recipes(await next)).toEqual(['r6']);
    expect((await registry.call('GET', '/api/v1/events?types=nonsense')).status).toBe(400);
  });

  it('shows what replicas say, and those that fell silent as lost', async () => {
    const model = uniqueName('model');
    const said = (predictorId: string, secondsAgo: number) => {
      const at = new Date(Date.now() - secondsAgo * 1000).toISOString();
      const served = { version: 1, generation: 1 };
      return { predictorId, model, state: 'serving', active: served, target: served, since: at, at };
    };
    await say('model.deployed', 'a', said('a', 1));
    await say('model.deployed', 'b', said('b', 40));
    // An older word that arrives later changes nothing.
    await say('model.deployed', 'a', { ...said('a', 20), state: 'failed', reason: 'old' });
    await eventually(async () => {
      const { replicas } = (await registry.call('GET', '/api/v1/fleet')).body;
      expect(replicas.map((r: Json) => [r.predictorId, r.state, r.lost])).toEqual([
        ['a', 'serving', false],
        ['b', 'serving', true],
      ]);
    });
  });

  it("answers MLflow's clients in MLflow's words", async () => {
    const ask = async (method: string, path: string, body?: unknown) => {
      const answer = await registry.call(method, `/api/2.0/mlflow/${path}`, body);
      return [answer.status, answer.body.error_code, answer.body.message];
    };
    expect(await ask('GET', 'nothing/here')).toEqual([404, 'ENDPOINT_NOT_FOUND', expect.any(String)]);
    expect(await ask('GET', 'experiments/get-by-name?experiment_name=no')).toEqual([
      404,
      'RESOURCE_DOES_NOT_EXIST',
      "Could not find experiment with name 'no'",
    ]);
    const missing =
      "Missing value for required parameter 'name'. See the API docs for more information about request parameters.";
    expect(await ask('POST', 'registered-models/create', {})).toEqual([400, 'INVALID_PARAMETER_VALUE', missing]);
    expect((await ask('POST', 'registered-models/create', { name: 3 }))[2]).toContain("Hint: Value was of type 'int'");
    const name = uniqueName('model');
    expect((await ask('POST', 'registered-models/create', { name }))[0]).toBe(200);
    expect((await ask('POST', 'registered-models/create', { name })).slice(0, 2)).toEqual([
      400,
      'RESOURCE_ALREADY_EXISTS',
    ]);
    expect(await ask('POST', 'experiments/search', {})).toEqual([
      400,
      'INVALID_PARAMETER_VALUE',
      expect.stringContaining('max_results'),
    ]);
    expect(await ask('DELETE', 'registered-models/delete', { name })).toEqual([200, undefined, undefined]);
    expect(await registry.mlflow('POST', 'runs/search', { experiment_ids: [] })).toEqual({});
    const text = await fetch(`${registry.url}/api/2.0/mlflow/runs/create`, { method: 'POST', body: 'x' });
    expect([text.status, ((await text.json()) as Json).message]).toEqual([
      400,
      "Bad Request. Content-Type must be one of ['application/json'].",
    ]);
    expect((await ask('POST', 'registered-models/create', { name: 'x', description: 'a\u0000b' })).slice(0, 2)).toEqual(
      [400, 'INVALID_PARAMETER_VALUE'],
    );
    expect(await registry.call('GET', '/health')).toEqual({ status: 200, body: 'OK' });
    expect(await registry.call('GET', '/health/ready')).toMatchObject({
      status: 200,
      body: { database: true, bus: true },
    });
  });

  it('keeps NaN, large batches, camelCase and write-once params as MLflow does', async () => {
    const { run } = await registry.mlflow('POST', 'runs/create', { experimentId: '0', runName: 'named' });
    expect(run.info).toMatchObject({
      run_name: 'named',
      experiment_id: '0',
      status: 'RUNNING',
      lifecycle_stage: 'active',
    });
    expect(run.inputs).toEqual({});
    const run_id = run.info.run_id;
    const metrics = Array.from({ length: 1000 }, (_, step) => ({
      key: 'loss',
      value: step === 999 ? 'NaN' : step,
      timestamp: '1700000000000',
      step,
    }));
    await registry.mlflow('POST', 'runs/log-batch', { run_id, metrics });
    await registry.mlflow('POST', 'runs/log-batch', { run_id, metrics });
    const history = await registry.mlflow(
      'GET',
      `metrics/get-history?run_id=${String(run_id)}&metric_key=loss&max_results=600`,
    );
    expect(history.metrics).toHaveLength(600);
    const rest = await registry.mlflow(
      'GET',
      `metrics/get-history?run_id=${String(run_id)}&metric_key=loss&page_token=${String(history.next_page_token)}`,
    );
    expect(rest.metrics).toHaveLength(400);
    const { data } = (await registry.mlflow('GET', `runs/get?run_uuid=${String(run_id)}`)).run;
    expect(data.metrics).toEqual([{ key: 'loss', value: 'NaN', timestamp: 1700000000000, step: 999 }]);
    const entries = ['onnx', 'sklearn'].map((artifact_path) => ({
      artifact_path,
      flavors: {},
      utc_time_created: '2026-01-01 00:00:00',
      run_id,
    }));
    for (const entry of entries)
      await registry.mlflow('POST', 'runs/log-model', { run_id, model_json: JSON.stringify(entry) });
    const { tags } = (await registry.mlflow('GET', `runs/get?run_id=${String(run_id)}`)).run.data;
    const { value } = tags.find(({ key }: Json) => key === 'mlflow.log-model.history');
    expect(JSON.parse(value)).toEqual(entries);
    await registry.mlflow('POST', 'runs/log-parameter', { run_id, key: 'p', value: '1' });
    await registry.mlflow('POST', 'runs/log-parameter', { run_id, key: 'p', value: '1' });
    const changed = await registry.call('POST', '/api/2.0/mlflow/runs/log-parameter', { run_id, key: 'p', value: '2' });
    expect(changed).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining("was already logged with value='1'") },
    });
  });

  it('streams artifacts in and out and lets no path out of its folder', async () => {
    const root = `${registry.url}/api/2.0/mlflow-artifacts/artifacts`;
    const big = Buffer.alloc(40 * 1024 * 1024, 7);
    expect((await fetch(`${root}/9/r/artifacts/d/big.json`, { method: 'PUT', body: big })).status).toBe(200);
    const back = await fetch(`${root}/9/r/artifacts/d/big.json`);
    expect(Buffer.from(await back.arrayBuffer()).equals(big)).toBe(true);
    expect(await (await fetch(`${root}?path=9/r/artifacts/d`)).json()).toEqual({
      files: [{ path: 'big.json', is_dir: false, file_size: big.byteLength }],
    });
    expect(await (await fetch(`${root}?path=9/none`)).json()).toEqual({});
    expect((await fetch(`${root}/9/none`)).status).toBe(404);
    for (const path of [
      '../../../etc/passwd',
      '%2e%2e/%2e%2e/x',
      'a/%2E%2E%2Fsha256/x',
      '%252e%252e/x',
      'a%5Cb',
      '/etc/passwd',
    ])
      for (const method of ['GET', 'PUT', 'DELETE']) expect([path, await rawStatus(method, path)]).toEqual([path, 400]);
    expect((await fetch(`${root}/9/r`, { method: 'DELETE' })).status).toBe(200);
    expect((await fetch(`${root}/9/r/artifacts/d/big.json`)).status).toBe(404);
  });

  /** `fetch` would tidy the path up. */
  const rawStatus = (method: string, path: string): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const { hostname, port } = new URL(registry.url);
      const whole = `/api/2.0/mlflow-artifacts/artifacts/${path}`;
      httpRequest({ hostname, port, method, path: whole }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on('error', reject)
        .end();
    });
});
