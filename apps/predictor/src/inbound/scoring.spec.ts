import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '#testing';
import { PredictorRig } from '../predictor-rig.behaviour.js';

const COLUMNS = ['petal length (cm)', 'petal width (cm)'];
const split = {
  dataframe_split: {
    columns: COLUMNS,
    data: [
      [1, 2],
      [2, 1],
    ],
  },
};

let rig: PredictorRig;
beforeAll(async () => {
  rig = await PredictorRig.make();
  await rig.start();
  await rig.promote(1);
  await rig.servesVersion(1);
});
afterAll(() => rig.end());

const post = async (body: string | Uint8Array<ArrayBuffer>, type?: string) => {
  // A typed body keeps fetch from naming a type of its own.
  const sent = typeof body === 'string' ? new TextEncoder().encode(body) : body;
  const answer = await fetch(`${rig.url}/invocations`, {
    method: 'POST',
    body: sent,
    headers: type === undefined ? {} : { 'content-type': type },
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
};

describe('POST /invocations', () => {
  it('answers predictions, and which version made them', async () => {
    for (const path of ['/invocations', '/models/iris/invocations'])
      expect(await rig.ask(path, split, { 'content-type': 'application/json' })).toEqual({
        status: 200,
        version: '1',
        body: { predictions: [1, 0], model_name: 'iris', model_version: '1' },
      });
  });

  it.each([
    [undefined, JSON.stringify(split)],
    ['application/json; charset=utf-8', JSON.stringify(split)],
    ['Application/JSON;charset="UTF-8"', JSON.stringify(split)],
    ['text/csv', '"petal length (cm)",petal width (cm)\n1,2\n2,1\n'],
    ['text/csv; charset=utf-8', ',petal width (cm),petal length (cm)\r\n0,2,1\r\n1,1,2\r\n'],
  ])('takes %s', async (type, body) => {
    expect(await post(body, type)).toMatchObject({ status: 200, body: { predictions: [1, 0] } });
  });

  it('takes numbers with large exponents, infinity as a word, and any digits within texts that are no number', async () => {
    const body = `{"inputs": [{"${COLUMNS[0]}": 1e-999, "${COLUMNS[1]}": 0.001e+0004, "1e999 \\"": "1e999"}]}`;
    expect((await post(body, 'application/json')).status).toBe(200);
    expect((await post('{"inputs": [[-Infinity, "inf"]]}', 'application/json')).status).toBe(200);
  });

  it("takes Python's NaN where JSON has none, and CSV with gaps", async () => {
    const body = `{"dataframe_split": {"columns": ${JSON.stringify(COLUMNS)}, "data": [[1.0, 2.0], [NaN, -Infinity]]}}`;
    expect((await post(body, 'application/json')).status).toBe(200);
    expect((await post(`${COLUMNS.join(',')}\n1,\nNA,2\n`, 'text/csv')).status).toBe(200);
  });

  it.each<[string, string | Uint8Array<ArrayBuffer>, string | undefined, number, string]>([
    ['an empty body', '', 'application/json', 400, 'The body is empty'],
    ['truncated JSON', '{"inputs": [[1', 'application/json', 400, 'The body is not JSON'],
    ['truncated JSON with NaN', '{"inputs": [[NaN', 'application/json', 400, 'The body is not JSON'],
    ['NaN under a deep nest', '['.repeat(50_000) + 'NaN', 'application/json', 400, 'The body is not JSON'],
    ['no text', new Uint8Array([0xff, 0xfe]), 'application/json', 400, 'not UTF-8'],
    ['no object', '[[1, 2]]', 'application/json', 400, 'The body must be an object'],
    ['depth without end', `{"inputs": ${'['.repeat(40_000)}${']'.repeat(40_000)}}`, 'application/json', 400, 'Row 0'],
    [
      'a missing column',
      '{"inputs": [{"petal length (cm)": 1}]}',
      'application/json',
      400,
      'missing inputs: "petal width (cm)"',
    ],
    ...['1e999', '-1E+999', '1'.repeat(350), '1'.repeat(50_000), `${'1'.repeat(250)}e99`].flatMap((number) =>
      [number, `NaN, "\\" 1e5", ${number}`].map((cells): [string, string, string, number, string] => [
        `${cells.slice(0, 30)}, beyond a double`,
        `{"inputs": [[${cells}, 1]]}`,
        'application/json',
        400,
        `The number ${number.slice(0, 40)}`,
      ]),
    ),
    ['1e400 in a text', '{"inputs": [["1e400", 1]]}', 'application/json', 400, 'within the range of FP32, not "1e400"'],
    ['1e400 in CSV', `${COLUMNS.join(',')}\n1,-1e400`, 'text/csv', 400, 'within the range of FP32, not "-1e400"'],
    ['an empty CSV', '', 'text/csv', 400, 'The CSV is empty'],
    ['a CSV of names alone', COLUMNS.join(','), 'text/csv', 400, 'no row'],
    ['a CSV row that is too long', `${COLUMNS.join(',')}\n1,2,3`, 'text/csv', 400, 'row 0 has 3 cells'],
    ['a CSV without an end', '"a', 'text/csv', 400, 'The body is not CSV'],
    ['a CSV with text', `${COLUMNS.join(',')}\n1,x`, 'text/csv', 400, 'must be a number, not "x"'],
    ['another type', '<a/>', 'text/xml', 415, '"text/xml" is not taken'],
    ['another charset', '{}', 'application/json; charset=latin-1', 415, 'must be UTF-8'],
    ['an old parameter', '{}', 'application/json; format=pandas-split', 415, 'format=pandas-split'],
  ])('refuses %s in the words of MLflow', async (_, body, type, status, message) => {
    const answer = await post(body, type);
    expect(answer).toEqual({
      status,
      body: { error_code: 'BAD_REQUEST', message: expect.stringContaining(message) as string },
    });
  });

  it('says in the same words that there is no such model, or too much of a body', async () => {
    expect(await rig.ask('/models/none/invocations', split)).toMatchObject({
      status: 404,
      body: { error_code: 'RESOURCE_DOES_NOT_EXIST' },
    });
    expect(await rig.ask('/invocations', Buffer.alloc(200_000, ' '))).toMatchObject({
      status: 413,
      body: { error_code: 'BAD_REQUEST', message: expect.stringContaining('larger than the limit') as string },
    });
  });

  it('counts a request that can not be read for the version that took it', async () => {
    const counted = async (): Promise<number> => {
      const text = await (await fetch(`${rig.url}/metrics`)).text();
      const found = /baton_predictor_requests_total\{model="iris",version="1",outcome="INPUT_INVALID"\} (\d+)/.exec(
        text,
      );
      return Number(found?.[1] ?? 0);
    };
    const before = await counted();
    await post('{', 'application/json');
    expect(await counted()).toBe(before + 1);
    expect((await rig.ask('/predict?proba=maybe', [])).status).toBe(400);
    expect(await counted()).toBe(before + 2);
  });

  it('measures what was run, what waits, how long the load took, and what no version took', async () => {
    await post(JSON.stringify(split), 'application/json');
    await rig.ask('/models/none/invocations', split);
    const text = await (await fetch(`${rig.url}/metrics`)).text();
    const of = 'model="iris",version="1"';
    for (const line of [
      `baton_predictor_rows_total{${of}} [1-9]`,
      `baton_predictor_batches_total{${of}} [1-9]`,
      `nv_inference_exec_count{${of}} [1-9]`,
      `baton_predictor_queue_seconds_count{${of}} [1-9]`,
      `baton_predictor_compute_seconds_count{${of}} [1-9]`,
      `nv_inference_pending_request_count{${of}} 0`,
      `nv_model_load_duration_secs{${of}} \\d`,
      'baton_predictor_refused_requests_total{outcome="MODEL_NOT_FOUND"} [1-9]',
    ])
      expect(text).toMatch(new RegExp(`^${line.replaceAll('{', '\\{').replaceAll('}', '\\}')}`, 'm'));
  });

  it("answers a model of the onnx flavor by its outputs' names", async () => {
    const { signature } = await rig.promotionOf(2);
    await rig.promote(2, {
      model: 'net',
      signature: {
        inputs: signature.inputs,
        outputs: signature.outputs,
        pyfunc: { loader: 'mlflow.onnx', tensors: true },
      },
      firstPromotedAt: '2026-02-01T00:00:00.000Z',
    });
    await eventually(async () => {
      expect((await rig.ask('/models/net/info')).status).toBe(200);
    });
    const answer = await rig.ask(
      '/models/net/invocations',
      { inputs: [[0, 0]] },
      { 'content-type': 'application/json' },
    );
    expect(answer.body.predictions).toEqual({ label: [0], probabilities: [[0.5, 0.5]] });
  });
});

describe('what clients ask before', () => {
  it('answers /ping, /version and /health', async () => {
    const ping = await fetch(`${rig.url}/ping`);
    expect([ping.status, await ping.text()]).toEqual([200, '\n']);
    expect(await (await fetch(`${rig.url}/version`)).text()).toMatch(/^\d+\.\d+\.\d+$/);
    expect((await fetch(`${rig.url}/health`)).status).toBe(200);
  });

  it('is not healthy before it is ready', async () => {
    const empty = await PredictorRig.make();
    await empty.start();
    try {
      expect((await fetch(`${empty.url}/ping`)).status).toBe(503);
      expect(await empty.ask('/invocations', split)).toMatchObject({
        status: 503,
        body: { error_code: 'TEMPORARILY_UNAVAILABLE' },
      });
    } finally {
      await empty.end();
    }
  });
});
