import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '#testing';
import { registryUnderTest, type RegistryUnderTest } from './registry.behaviour.js';

interface Told {
  status: number;
  headers: Record<string, unknown>;
  body: string;
}

let registry: RegistryUnderTest;
beforeAll(async () => {
  registry = await registryUnderTest();
  await eventually(() => registry.mlflow('GET', 'experiments/get?experiment_id=0'));
});
afterAll(() => registry.close());

/** As `fetch` may not: with a Host and an Origin of our choice. */
const ask = (method: string, path: string, headers: Record<string, string>, body?: string): Promise<Told> =>
  new Promise((resolve, reject) => {
    const sent = request(`${registry.url}${path}`, { method, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text });
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
const json = { 'content-type': 'application/json' };
const search = '/api/2.0/mlflow/experiments/search?max_results=1';

describe('a Host that is not ours (DNS rebinding)', () => {
  it.each([search, '/ajax-api/2.0/mlflow/experiments/get?experiment_id=0', '/metrics', '/no/such/path'])(
    'is refused on %s in the words of the reference',
    async (path) => {
      const { status, headers, body } = await ask('GET', path, { host: 'evil.com' });
      expect([status, body]).toEqual([403, 'Invalid Host header - possible DNS rebinding attack detected']);
      expect(headers['content-type']).toMatch(/^text\/plain/);
    },
  );

  it('is refused as a problem by our own API', async () => {
    const { status, headers, body } = await ask('GET', '/api/v1/fleet', { host: 'evil.com' });
    expect(status).toBe(403);
    expect(headers['content-type']).toMatch(/^application\/problem[+]json/);
    expect(JSON.parse(body)).toMatchObject({ code: 'HOST_NOT_ALLOWED' });
  });

  it.each(['/health', '/health/ready', '/version'])('is let in on %s', async (path) => {
    expect((await ask('GET', path, { host: 'evil.com' })).status).toBe(200);
  });

  it.each(['registry:5000', 'registry.baton.svc.cluster.local:5000', '172.18.0.3:5000', 'localhost'])(
    '%s is ours',
    async (host) => {
      expect((await ask('GET', search, { host })).status).toBe(200);
    },
  );
});

describe('a page of another origin', () => {
  const create = (headers: Record<string, string>): Promise<Told> =>
    ask('POST', '/api/2.0/mlflow/runs/create', { ...json, ...headers }, '{"experiment_id":"0"}');

  it.each(['https://evil.com', 'null'])('%s changes nothing', async (origin) => {
    expect(await create({ origin })).toMatchObject({ status: 403, body: 'Cross-origin request blocked' });
    const own = await ask('POST', '/api/v1/training-requests', { ...json, origin }, '{}');
    expect(own.status).toBe(403);
    expect(JSON.parse(own.body)).toMatchObject({ code: 'ORIGIN_NOT_ALLOWED' });
    expect((await registry.mlflow('POST', 'runs/search', { experiment_ids: ['0'] })) as object).toEqual({});
  });

  it('may ask, but is given no leave to read', async () => {
    const { status, headers } = await ask('GET', search, { origin: 'https://evil.com' });
    expect(status).toBe(200);
    expect(headers).not.toHaveProperty('access-control-allow-origin');
  });

  it('on this machine may do both, after asking first', async () => {
    const origin = 'http://localhost:5173';
    const asked = await ask('OPTIONS', '/api/2.0/mlflow/runs/create', {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type,x-mine',
    });
    expect(asked).toMatchObject({
      status: 204,
      headers: { 'access-control-allow-origin': origin, 'access-control-allow-headers': 'content-type,x-mine' },
    });
    expect(await create({ origin })).toMatchObject({ status: 200, headers: { 'access-control-allow-origin': origin } });
  });

  it('is none when we gave the page', async () => {
    expect((await create({ host: 'registry:5000', origin: 'http://registry:5000' })).status).toBe(200);
  });
});

it.each(['/version', search, '/api/v1/fleet', '/api/v1/models/none', '/no/such/path'])(
  '%s is neither framed nor guessed at',
  async (path) => {
    expect((await ask('GET', path, {})).headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'SAMEORIGIN',
    });
  },
);
