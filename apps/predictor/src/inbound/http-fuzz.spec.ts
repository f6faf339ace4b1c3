import { Agent, request as httpRequestOf } from 'node:http';
import { connect } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fuzzCases } from '#testing';
import { promoteEchoes } from '../echo-models.behaviour.js';
import { PredictorRig } from '../predictor-rig.behaviour.js';
import { httpRequest, type HttpAsked } from './http-fuzz.behaviour.js';

/** So many are sent at the same time: what is broken must not harm what waits beside it. */
const AT_A_TIME = 16;
const ANSWERED_WITHIN_MS = 30_000;
/** Answers that a client can do something about; 503 and 504 would be lies here, 500 our fault. */
const fair = [200, 204, 400, 404, 405, 409, 413, 414, 415];

const good = JSON.stringify({ inputs: [{ name: 'features', datatype: 'FP32', shape: [1, 2], data: [1, 2] }] });

let rig: PredictorRig;
let expected: unknown;
const agent = new Agent({ keepAlive: true, maxSockets: AT_A_TIME });
beforeAll(async () => {
  rig = await PredictorRig.make();
  await rig.start();
  await promoteEchoes(rig);
  expected = (await rig.ask('/v2/models/iris/infer', good)).body;
});
afterAll(async () => {
  agent.destroy();
  await rig.end();
});

interface Said {
  status: number;
  text: string;
}

const ask = ({ method, path, headers, body }: HttpAsked): Promise<Said> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(rig.url);
    // By itself the client would send the body of a GET without its length: as the beginning of another request.
    const framed = { ...headers, 'content-length': String(body.length) };
    const asked = httpRequestOf({ agent, hostname, port, method, path, headers: framed }, (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part)).on('error', reject);
      answer.on('end', () => {
        resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(parts).toString() });
      });
    });
    asked.setTimeout(ANSWERED_WITHIN_MS, () => asked.destroy(new Error('No answer in time.')));
    asked.on('error', reject);
    asked.end(body);
  });

const describeOf = ({ method, path, headers, body }: HttpAsked): string =>
  `${method} ${path} ${JSON.stringify(headers)} ${body.toString('base64').slice(0, 4_000)}`;

const isFair = async (asked: HttpAsked): Promise<void> => {
  const { status, text } = await ask(asked).catch((error: unknown) => {
    throw new Error(`${describeOf(asked)} is not answered: ${String(error)}`);
  });
  if (!fair.includes(status)) throw new Error(`${describeOf(asked)} is answered ${String(status)}: ${text}`);
  // Below /v2 whatever is refused is refused in the protocol's words.
  if (status >= 400 && asked.method !== 'HEAD' && /^\/v2(\/|\?|$)/.test(asked.path)) {
    const said = JSON.parse(text) as Record<string, unknown>;
    expect(Object.keys(said), describeOf(asked)).toEqual(['error']);
    expect(said.error).toMatch(/./);
  }
};

const answersTheGood = async (): Promise<void> => {
  const { status, text } = await ask({
    method: 'POST',
    path: '/v2/models/iris/infer',
    headers: {},
    body: Buffer.from(good),
  });
  expect([status, JSON.parse(text)]).toEqual([200, expected]);
};

const runs = Math.ceil(fuzzCases() / AT_A_TIME);
const timeout = 60_000 + fuzzCases() * 60;

it(`answers requests of every kind, ${String(runs * AT_A_TIME)} of them`, { timeout }, async () => {
  const batch = fc.array(httpRequest, { minLength: AT_A_TIME, maxLength: AT_A_TIME });
  const answered = fc.asyncProperty(batch, async (requests) => {
    await Promise.all([...requests.map(isFair), answersTheGood()]);
  });
  await fc.assert(answered, { numRuns: runs, endOnFailure: true });
});

it('outlives what is no HTTP', { timeout }, async () => {
  const noise = fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    fc
      .tuple(
        fc.constantFrom(
          'POST /predict HTTP/1.1',
          'GET / HTTP/9.9',
          'POST /v2/models/iris/infer HTTP/1.1',
          'PRI * HTTP/2.0',
        ),
        fc.constantFrom(
          'content-length: -1',
          'content-length: 5\r\ncontent-length: 6',
          'transfer-encoding: chunked',
          'a: b',
          ': ',
        ),
        fc.constantFrom('', 'zz\r\n', '5\r\nabc', '0\r\n\r\n', '\0'),
      )
      .map(([line, header, rest]) => Buffer.from(`${line}\r\nhost: x\r\n${header}\r\n\r\n${rest}`)),
  );
  const outlived = fc.asyncProperty(fc.array(noise, { minLength: 8, maxLength: 8 }), async (sent) => {
    await Promise.all(sent.map((bytes) => hangUpAfter(bytes)));
    await answersTheGood();
  });
  await fc.assert(outlived, { numRuns: Math.ceil(runs / 20), endOnFailure: true });
});

/** Sends, half-closes, and waits until the server has closed too, or hangs up where it waits for more. */
const hangUpAfter = (bytes: Buffer): Promise<void> =>
  new Promise((resolve) => {
    const { hostname, port } = new URL(rig.url);
    const socket = connect(Number(port), hostname, () => {
      socket.end(bytes);
    });
    socket.setTimeout(300, () => socket.destroy());
    socket
      .on('error', () => undefined)
      .on('close', () => {
        resolve();
      });
    socket.resume();
  });
