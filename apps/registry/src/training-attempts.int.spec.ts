/* eslint-disable @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-argument -- answers are asserted on, field by field */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, services, uniqueName } from '#testing';
import { ModelVersions } from './core/registered-models.js';
import { TrainingAttempts } from './core/training-attempts.js';
import { registryUnderTest, trainAndRegister, type Json, type RegistryUnderTest } from './registry.behaviour.js';

describe.skipIf(!services().postgres)('attempts of trainers', () => {
  let registry: RegistryUnderTest;
  beforeAll(async () => {
    registry = await registryUnderTest();
    await eventually(() => registry.mlflow('GET', 'experiments/get?experiment_id=0'));
  });
  afterAll(() => registry.close());

  const begin = (requestId: string, fence: number, more: object = {}) =>
    registry.call('POST', `/api/v1/training-requests/${requestId}/attempts`, { fence, ...more });
  const tokenOf = async (requestId: string, fence: number, more: object = {}): Promise<string> => {
    const { status, body } = await begin(requestId, fence, more);
    expect(status).toBe(201);
    return body.token as string;
  };
  /** The registry as somebody with this token sees it. */
  const as = (token: string) => {
    const send = async (method: string, path: string, body?: object): Promise<{ status: number; body: Json }> => {
      const answer = await fetch(`${registry.url}/api/2.0/mlflow/${path}`, {
        method,
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      return { status: answer.status, body: await answer.json() };
    };
    const newRun = (tags: object[] = []) =>
      send('POST', 'runs/create', { experiment_id: '0', start_time: 1, run_name: 'r', tags });
    return { send, newRun };
  };
  const tagsOf = (answer: { body: Json }): Record<string, string> =>
    Object.fromEntries(answer.body.run.data.tags.map(({ key, value }: { key: string; value: string }) => [key, value]));

  it('a later one ends what an earlier one may do, on every route that changes something', async () => {
    const requestId = randomUUID();
    const first = as(await tokenOf(requestId, 1));
    expect((await first.newRun()).status).toBe(200);
    const second = as(await tokenOf(requestId, 2));
    for (const [method, path, body] of [
      ['POST', 'runs/create', { experiment_id: '0' }],
      ['POST', 'runs/set-tag', { run_id: 'x', key: 'a', value: 'b' }],
      ['POST', 'logged-models', { experiment_id: '0' }],
      ['POST', 'registered-models/create', { name: 'zombie' }],
      ['POST', 'model-versions/create', { name: 'zombie', source: 'x' }],
    ] as const)
      expect(await first.send(method, path, body)).toMatchObject({
        status: 403,
        body: { error_code: 'PERMISSION_DENIED', message: expect.stringContaining(requestId) as string },
      });
    expect((await second.newRun()).status).toBe(200);
    expect(await begin(requestId, 1)).toMatchObject({ status: 403, body: { code: 'ATTEMPT_SUPERSEDED' } });
  });

  it('refuses the upload of a superseded attempt, and lets it read', async () => {
    const requestId = randomUUID();
    const token = await tokenOf(requestId, 1);
    await tokenOf(requestId, 2);
    const headers = { authorization: `Bearer ${token}` };
    const url = `${registry.url}/api/2.0/mlflow-artifacts/artifacts/0/zombie/file.txt`;
    expect((await fetch(url, { method: 'PUT', body: 'x', headers })).status).toBe(403);
    expect((await fetch(url, { headers: {} })).status).toBe(404);
    expect((await fetch(`${registry.url}/api/2.0/mlflow/experiments/get?experiment_id=0`, { headers })).status).toBe(
      200,
    );
  });

  it('the same fence again gets a new token; tokens that are none of ours are not looked at', async () => {
    const requestId = randomUUID();
    const [lost, kept] = [await tokenOf(requestId, 3), await tokenOf(requestId, 3)];
    expect((await as(lost).newRun()).status).toBe(403);
    expect((await as(kept).newRun()).status).toBe(200);
    expect((await as('of-a-proxy-before-us').newRun()).status).toBe(200);
    expect((await as('baton-attempt.nonsense').newRun()).status).toBe(403);
    expect((await as(`baton-attempt.${requestId}.3.guessed`).newRun()).status).toBe(403);
  });

  it('what a script makes with the token is the request’s, once', async () => {
    const requestId = randomUUID();
    const { send, newRun } = as(await tokenOf(requestId, 1, { promote: 'never' }));
    const ours = await newRun([{ key: 'baton.requestId', value: requestId }]);
    const scripts = await newRun();
    expect(scripts.body.run.info.run_id).not.toBe(ours.body.run.info.run_id);
    expect(tagsOf(scripts)).toMatchObject({ 'baton.requestId': requestId });
    expect((await newRun([{ key: 'baton.requestId', value: randomUUID() }])).status).toBe(409);

    const name = uniqueName('Script');
    const { modelId } = await trainAndRegister(registry, name, 0.5);
    const create = () =>
      send('POST', 'model-versions/create', { name, source: `models:/${modelId}`, model_id: modelId });
    const [one, two] = [await create(), await create()];
    expect(one.body.model_version.version).toBe('2');
    expect(two.body.model_version.version).toBe('2');
    const { body } = await registry.call('GET', `/api/v1/models/${name}/versions/2`);
    expect(body).toMatchObject({ origin: 'training-request', requestId });
    expect(await registry.app.get(ModelVersions).get(name, 2)).toMatchObject({ promote: 'never' });
  });

  it('a version is not made for an attempt that is superseded while it is being made', async () => {
    const requestId = randomUUID();
    await tokenOf(requestId, 1);
    const name = uniqueName('Late');
    await trainAndRegister(registry, name, 0.5);
    const versions = registry.app.get(ModelVersions);
    const known = await versions.get(name, 1);
    await tokenOf(requestId, 2);
    const late = versions.create({
      ...known,
      runLink: null,
      tags: [],
      requestId,
      attempt: { requestId, fence: 1, promote: 'policy' },
    });
    await expect(late).rejects.toMatchObject({ code: 'ATTEMPT_SUPERSEDED' });
  });

  it('nothing more comes with a token once the request is over', async () => {
    const requestId = randomUUID();
    const { newRun } = as(await tokenOf(requestId, 1));
    await registry.app.get(TrainingAttempts).close(requestId);
    expect((await newRun()).status).toBe(403);
    expect((await begin(requestId, 2)).status).toBe(403);
  });
});
