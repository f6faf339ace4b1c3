/* eslint-disable @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-member-access -- answers are asserted on, field by field */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, services, uniqueName } from '#testing';
import { lengthOf } from './core/python-text.js';
import { registryUnderTest, type Json, type RegistryUnderTest } from './registry.behaviour.js';

const IPV = 'INVALID_PARAMETER_VALUE';
const missingName =
  "Missing value for required parameter 'name'. See the API docs for more information about request parameters.";

describe.skipIf(!services().postgres)('bodies of requests to tracking', () => {
  let registry: RegistryUnderTest;
  let run: string;
  const post = (path: string, body: unknown) => registry.call('POST', `/api/2.0/mlflow/${path}`, body);
  const send = async (path: string, body: string | Uint8Array<ArrayBuffer>, type?: string) => {
    const response = await fetch(`${registry.url}/api/2.0/mlflow/${path}`, {
      method: 'POST',
      body,
      headers: { ...(type !== undefined && { 'content-type': type }) },
    });
    return { status: response.status, body: (await response.json()) as Json };
  };

  beforeAll(async () => {
    registry = await registryUnderTest();
    await eventually(() => registry.mlflow('GET', 'experiments/get?experiment_id=0'));
    ({ run_id: run } = (await registry.mlflow('POST', 'runs/create', { experiment_id: '0' })).run.info);
  });
  afterAll(() => registry.close());

  const metric = { key: 'm', value: 1.5, timestamp: 5 };
  it.each<[string, object, string]>([
    ['experiments/create', { name: 'a\0b' }, 'name'],
    ['experiments/set-experiment-tag', { experiment_id: '0', key: 'k', value: '\0' }, 'value'],
    ['runs/create', { experiment_id: '0', run_name: '\0' }, 'run_name'],
    ['runs/log-metric', { ...metric, model_id: '\0' }, 'model_id'],
    ['runs/log-parameter', { key: 'p', value: '\0' }, 'value'],
    ['runs/log-batch', { tags: [{ key: 'k', value: '\0' }] }, 'tags[0].value'],
  ])('takes no NUL and no half of a pair: %s %o', async (path, body, field) => {
    const nul = await post(path, { run_id: run, ...body });
    expect(nul).toMatchObject({
      status: 400,
      body: {
        error_code: IPV,
        message: `A string literal cannot contain NUL (0x00) characters: parameter '${field}'.`,
      },
    });
    const half = await send(
      path,
      JSON.stringify({ run_id: run, ...body }).replaceAll('\\u0000', '\\ud800'),
      'application/json',
    );
    expect(half).toMatchObject({
      status: 400,
      body: {
        error_code: IPV,
        message: `The value of parameter '${field}' is not valid Unicode: it holds half of a surrogate pair.`,
      },
    });
  });

  it('reads bodies as MLflow does', async () => {
    const json = 'application/json';
    expect((await send('experiments/create', '{}', 'text/plain')).body.message).toBe(
      "Bad Request. Content-Type must be one of ['application/json'].",
    );
    expect((await send('experiments/create', new Uint8Array(), undefined)).body.message).toBe(
      'Bad Request. Content-Type header is missing.',
    );
    for (const body of ['', '{"name":', 'null', new Uint8Array([123, 34, 255])])
      expect(await send('experiments/create', body, json)).toMatchObject({
        status: 400,
        body: { message: missingName },
      });
    for (const body of ['[1]', '5', '"abc"', `{"name":${'['.repeat(100_000)}${']'.repeat(100_000)}}`])
      expect(await send('experiments/create', body, json)).toMatchObject({ status: 400, body: { error_code: IPV } });
    const twice = await send(
      'experiments/create',
      JSON.stringify(JSON.stringify({ name: uniqueName('e'), unknown: { a: 1 } })),
      `${json}; charset=utf-8`,
    );
    expect(twice.status).toBe(200);
    const bare = await send('runs/log-metric', `{"run_id":"${run}","key":"bare NaN","value":NaN,"timestamp":1}`, json);
    expect(bare.status).toBe(200);
    const camel = await registry.mlflow('POST', 'runs/create', { experimentId: '0', runName: 'camel', startTime: '7' });
    expect(camel.run.info).toMatchObject({ run_name: 'camel', start_time: 7 });
    const [status] = await Promise.all([registry.mlflow('POST', 'runs/update', { run_uuid: run, status: 3 })]);
    expect(status.run_info.status).toBe('FINISHED');
    expect((await registry.mlflow('POST', 'runs/update', { run_id: run, status: 'BOGUS' })).run_info.status).toBe(
      'FINISHED',
    );
  });

  it.each([
    ['experiments/create', '{"name":NaN}', 'NaN', 'name'],
    ['experiments/create', '{"name":-Infinity}', '-Infinity', 'name'],
    ['runs/log-metric', '{"run_id":"RUN","key":"m","value":1,"timestamp":NaN}', 'NaN', 'timestamp'],
    ['runs/log-batch', '{"run_id":"RUN","tags":[{"key":"k","value":Infinity}]}', 'Infinity', 'tags[0].value'],
  ])('takes no float where none belongs: %s %s', async (path, body, value, field) => {
    const answer = await send(path, body.replace('RUN', run), 'application/json');
    expect(answer).toMatchObject({ status: 400, body: { error_code: IPV } });
    expect(answer.body.message).toBe(
      `Invalid value ${value} for parameter '${field}' supplied:  Hint: Value was of type 'float'. See the API docs for more information about request parameters.`,
    );
  });

  it('answers large bodies with bare words, whole or broken', async () => {
    const quotes = String.raw`\"`.repeat(2_500_000);
    for (const body of [`NaN"${quotes}`, `{"name":NaN,"a":"${quotes}`])
      expect(await send('experiments/create', body, 'application/json')).toMatchObject({
        status: 400,
        body: { message: missingName },
      });
    const metrics = '[{"key":"beside much","value":-Infinity,"timestamp":1}]';
    const large = `{"run_id":"${run}","v":"${'x'.repeat(9_000_000)}","metrics":${metrics}}`;
    expect(await send('runs/log-batch', large, 'application/json')).toEqual({ status: 200, body: {} });
  });

  it.each([
    ['1_000', 1000],
    [' -1.5e3\n', -1500],
    ['0x10', undefined],
    ['0b1', undefined],
    ['0o7', undefined],
    ['1__0', undefined],
    [`${' '.repeat(5_000_000)}x`, undefined],
  ])('reads numbers in texts as Python does: %#', async (value, number) => {
    const key = uniqueName('text');
    const { status, body } = await post('runs/log-metric', { run_id: run, key, value, timestamp: 1 });
    expect([status, body.error_code]).toEqual(number === undefined ? [400, IPV] : [200, undefined]);
    const { data } = (await registry.mlflow('GET', `runs/get?run_id=${run}`)).run;
    expect((data.metrics as Json[] | undefined)?.find((metric) => metric.key === key)?.value).toBe(number);
  });

  it('cuts long values, counting characters and not their halves', async () => {
    await registry.mlflow('POST', 'runs/log-parameter', { run_id: run, key: 'million', value: 'x'.repeat(1_000_000) });
    await registry.mlflow('POST', 'runs/log-parameter', { run_id: run, key: 'pairs', value: '😀'.repeat(6001) });
    await registry.mlflow('POST', 'runs/set-tag', { run_id: run, key: 'ключ', value: 'x'.repeat(8001) });
    const { data } = (await registry.mlflow('GET', `runs/get?run_id=${run}`)).run;
    const lengths = [...data.params, ...data.tags].map(
      ({ key, value }: Json) => [key, lengthOf(value as string)] as const,
    );
    expect(Object.fromEntries(lengths)).toMatchObject({ million: 6000, pairs: 6000, ключ: 8000 });
  });
});
