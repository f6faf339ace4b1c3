import { describe, expect, it } from 'vitest';
import { fleetView } from './fleet.js';
import { postPromotion, postRollback, promotionPolicy } from './promotions.js';

describe('POST promotions and rollback', () => {
  it('take a version as a number or as MLflow writes it', () => {
    expect(postPromotion.parse({ version: '12' })).toEqual({ version: 12, reason: '' });
    expect(postPromotion.parse({ version: 12, reason: 'better' })).toEqual({ version: 12, reason: 'better' });
    expect(postRollback.parse({})).toEqual({ reason: '' });
  });
  it.each([
    { version: 0 },
    { version: '0' },
    { version: '1e3' },
    { version: 1.5 },
    { version: '' },
    {},
    { version: 1, why: 'x' },
  ])('refuse %j', (body) => {
    expect(postPromotion.safeParse(body).success).toBe(false);
  });
});

describe('a promotion policy', () => {
  it('is one of three kinds, with defaults for a gate', () => {
    expect(promotionPolicy.parse({ kind: 'manual' })).toEqual({ kind: 'manual' });
    expect(promotionPolicy.parse({ kind: 'gate', metric: 'accuracy', direction: 'higher' })).toEqual({
      kind: 'gate',
      metric: 'accuracy',
      direction: 'higher',
      betterThanProduction: false,
      signatureChanges: 'allow',
      stage: 'Production',
    });
    const refusing = { kind: 'always', signatureChanges: 'refuse', stage: 'Staging' };
    expect(promotionPolicy.parse(refusing)).toEqual(refusing);
  });
  it.each([
    {},
    { kind: 'never' },
    { kind: 'gate' },
    { kind: 'gate', metric: '', direction: 'higher' },
    { kind: 'always', metric: 'accuracy' },
    { kind: 'always', stage: 'Archived' },
    { kind: 'manual', signatureChanges: 'refuse' },
    { kind: 'gate', metric: 'a', direction: 'up' },
  ])('is not %j', (body) => {
    expect(promotionPolicy.safeParse(body).success).toBe(false);
  });
});

it('the fleet is what replicas said, with whether they are lost', () => {
  const at = '2026-11-21T12:00:00.000Z';
  const said = { predictorId: 'p', model: 'm', state: 'serving', active: null, target: null, since: at, at };
  expect(fleetView.safeParse({ replicas: [{ ...said, lost: true }] }).success).toBe(true);
  expect(fleetView.safeParse({ replicas: [said] }).success).toBe(false);
});
