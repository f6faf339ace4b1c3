import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, services } from '#testing';
import { registryUnderTest, type RegistryUnderTest } from './registry.behaviour.js';

describe.skipIf(!services().postgres)('our own API says what to change of', () => {
  let registry: RegistryUnderTest;
  beforeAll(async () => {
    registry = await registryUnderTest();
    await eventually(() => registry.mlflow('GET', 'experiments/get?experiment_id=0'));
  });
  afterAll(() => registry.close());

  const webhook = { name: 'a', url: 'https://1.1.1.1', events: ['registered_model.created'] };
  it.each<[string, string, unknown, RegExp]>([
    ['POST', '/api/v1/webhooks', { ...webhook, description: 'a\u0000' }, /^description: must not contain.*U\+0000/],
    ['POST', '/api/v1/webhooks', { ...webhook, secret: '\ud800' }, /^secret: must not contain.*half a surrogate/],
    ['POST', '/api/v1/webhooks', { ...webhook, url: 'https://u:p@1.1.1.1/x' }, /user name or password/],
    ['POST', '/api/v1/models/a/promotions', { version: 1, reason: '\u0000' }, /^reason: must not contain/],
    ['POST', '/api/v1/models/a/promotions', {}, /^version: must be the number of a version/],
    ['POST', '/api/v1/models/a/promotions', [], /^the body: /],
    ['GET', '/api/v1/models/a%00', undefined, /^name: must not contain/],
    ['GET', '/api/v1/training-requests?model=%00', undefined, /^model: must not contain/],
    ['GET', '/api/v1/training-requests?pageToken=%00', undefined, /^pageToken: must not contain/],
  ])('%s %s %j', async (method, path, body, detail) => {
    const answer = await registry.call(method, path, body);
    expect([answer.status, answer.body]).toEqual([
      400,
      expect.objectContaining({ code: 'REQUEST_INVALID', detail: expect.stringMatching(detail) as string }),
    ]);
  });
});
