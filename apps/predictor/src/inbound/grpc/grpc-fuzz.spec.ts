import { connect, type ClientHttp2Session } from 'node:http2';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fuzzCases } from '#testing';
import { promoteEchoes } from '../../echo-models.behaviour.js';
import { PredictorRig } from '../../predictor-rig.behaviour.js';
import { GrpcClient } from './grpc-client.behaviour.js';
import { grpcBody, grpcRequest } from './grpc-fuzz.behaviour.js';
import { INFERENCE_SERVICE } from './protocol.js';

/** OK, INVALID_ARGUMENT, NOT_FOUND, RESOURCE_EXHAUSTED, FAILED_PRECONDITION; all else would be our fault, or a lie. */
const fair = [0, 3, 5, 8, 9];
/** So many are sent at the same time: what is broken must not harm what waits beside it. */
const AT_A_TIME = 16;
const ANSWERED_WITHIN_MS = 30_000;

const good = {
  model_name: 'iris',
  inputs: [{ name: 'features', datatype: 'FP32', shape: ['1', '2'], contents: { fp32_contents: [1, 2] } }],
};

let rig: PredictorRig;
let client: GrpcClient;
let expected: unknown;
beforeAll(async () => {
  rig = await PredictorRig.make();
  await rig.start();
  await promoteEchoes(rig);
  client = new GrpcClient(rig.grpcPort);
  expected = (await client.infer(good)).message.raw_output_contents;
});
afterAll(async () => {
  client.close();
  await rig.end();
});

const inTime = <T>(answer: Promise<T>, sent: unknown): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`No answer to ${JSON.stringify(sent)}`));
    }, ANSWERED_WITHIN_MS);
  });
  return Promise.race([answer, late]).finally(() => {
    clearTimeout(timer);
  });
};

const answersTheGood = async (): Promise<void> => {
  const answer = await inTime(client.infer(good), 'what is good');
  expect(answer.code).toBe(0);
  expect(answer.message.raw_output_contents).toEqual(expected);
};

const runs = Math.ceil(fuzzCases() / AT_A_TIME);
const timeout = 60_000 + fuzzCases() * 60;

it(`answers messages of every kind, ${String(runs * AT_A_TIME)} of them`, { timeout }, async () => {
  const batch = fc.array(grpcRequest, { minLength: AT_A_TIME, maxLength: AT_A_TIME });
  const answered = fc.asyncProperty(batch, async (requests) => {
    const answers = requests.map(async ([method, bytes]) => {
      const { code, details } = await inTime(client.ask(method, bytes), [method, bytes.toString('base64')]);
      if (!fair.includes(code)) throw new Error(`${method} is answered ${String(code)}: ${details}`);
    });
    await Promise.all([...answers, answersTheGood()]);
  });
  await fc.assert(answered, { numRuns: runs, endOnFailure: true });
});

it('answers calls that are framed in every way', { timeout }, async () => {
  const session = connect(`http://127.0.0.1:${String(rig.grpcPort)}`);
  session.on('error', () => undefined);
  const batch = fc.array(grpcBody, { minLength: AT_A_TIME, maxLength: AT_A_TIME });
  const answered = fc.asyncProperty(batch, async (calls) => {
    const answers = calls.map(({ headers, body }) => inTime(statusOf(session, headers, body), { headers, body }));
    for (const status of await Promise.all(answers)) expect(status).not.toBe('2');
    await answersTheGood();
  });
  await fc.assert(answered, { numRuns: Math.ceil(runs / 10), endOnFailure: true });
  session.close();
});

/** The status of a bare call: gRPC's, or HTTP's where it is none; undefined for a stream that was cut. */
const statusOf = (
  session: ClientHttp2Session,
  headers: Record<string, string>,
  body: Buffer,
): Promise<string | undefined> =>
  new Promise((resolve) => {
    let status: string | undefined;
    const path = `/${INFERENCE_SERVICE}/ModelInfer`;
    const stream = session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
      ...headers,
    });
    const note = (said: Record<string, unknown>): void => {
      const { 'grpc-status': grpc, ':status': http } = said;
      if (grpc !== undefined || (http !== undefined && http !== 200)) status = String(grpc ?? http);
    };
    stream
      .on('response', note)
      .on('trailers', note)
      .on('error', () => undefined);
    stream.on('close', () => {
      resolve(status);
    });
    stream.resume();
    stream.end(body);
  });
