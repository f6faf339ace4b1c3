import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Logger, type LogLevel } from '#runtime';
import { eventually } from '#testing';
import { PredictorRig } from '../predictor-rig.behaviour.js';

class Kept extends Logger {
  readonly lines: Record<string, unknown>[] = [];
  log(_level: LogLevel, message: string, facts: Record<string, unknown> = {}): void {
    if (message === 'Request.') this.lines.push(facts);
  }
}

const row = [{ petal_length: 1, petal_width: 2 }];
const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const traceparent = `00-${traceId}-00f067aa0ba902b7-01`;

let rig: PredictorRig;
let log: Kept;
const begin = async (ACCESS_LOG: string): Promise<void> => {
  await rig.start({ ACCESS_LOG });
  await rig.promote(1);
  await rig.servesVersion(1);
  log.lines.length = 0;
};
const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${rig.url}${path}`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers },
  });
const logged = (count: number) =>
  eventually(() => {
    expect(log.lines).toHaveLength(count);
    return log.lines;
  });

beforeEach(async () => {
  rig = await PredictorRig.make();
  rig.logger = log = new Kept();
});
afterEach(() => rig.end());

describe('a request', () => {
  it('keeps the id and the trace it came with, on every route and in the log', async () => {
    await begin('all');
    const headers = { 'x-request-id': 'mine-1', traceparent };
    for (const path of ['/predict', '/v2/models/iris/infer', '/v2/repository/index']) {
      const answer = await post(path, path.endsWith('/index') ? {} : row, headers);
      expect(answer.headers.get('x-request-id')).toBe('mine-1');
      expect(answer.headers.get('traceparent')).toBe(traceparent);
    }
    expect(await logged(3)).toMatchObject([
      { method: 'POST', url: '/predict', status: 200, requestId: 'mine-1', traceId, version: '1' },
      { url: '/v2/models/iris/infer', status: 400, code: 'INPUT_INVALID', version: '1' },
      { url: '/v2/repository/index', status: 200, traceId },
    ]);
    expect(log.lines.every(({ tookMs }) => typeof tookMs === 'number' && tookMs >= 0)).toBe(true);
  });

  it('is given an id of its own when it has none that fits into a line', async () => {
    await begin('all');
    const ids = new Set<string | null>();
    for (const given of [undefined, 'a b', 'x'.repeat(200)]) {
      const answer = await post(
        '/predict',
        row,
        given === undefined ? {} : { 'x-request-id': given, traceparent: 'no' },
      );
      ids.add(answer.headers.get('x-request-id'));
      expect(answer.headers.get('traceparent')).toBeNull();
    }
    expect(ids.size).toBe(3);
    expect((await logged(3)).map(({ requestId }) => requestId)).toEqual([...ids]);
  });

  it('is logged only when it failed, or not at all, as the setting says', async () => {
    await begin('errors');
    await post('/predict', row);
    await fetch(`${rig.url}/v2/models`);
    await post('/predict?proba=perhaps', row);
    await fetch(`${rig.url}/v2/nowhere?${'a'.repeat(2000)}`);
    const lines = await logged(2);
    expect(lines).toMatchObject([{ status: 400, code: 'INPUT_INVALID' }, { status: 404 }]);
    expect(String(lines[1].url).length).toBeLessThan(600);
    await rig.stop();
    await begin('off');
    await post('/predict?proba=perhaps', row);
    expect(log.lines).toEqual([]);
  });
});
