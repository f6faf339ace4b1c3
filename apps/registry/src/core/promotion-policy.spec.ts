import { describe, expect, it } from 'vitest';
import { decideByPolicy, type PolicyCase } from './promotion-policy.js';

const candidate: PolicyCase['candidate'] = {
  version: 5,
  origin: 'training-request',
  promote: 'policy',
  servable: true,
  metrics: { accuracy: 0.9, log_loss: 0.2 },
};
const production = (metrics: Record<string, number>, version = 4) => ({ version, metrics });
const gate = { kind: 'gate', metric: 'accuracy', direction: 'higher', betterThanProduction: false } as const;
const lower = { ...gate, metric: 'log_loss', direction: 'lower' } as const;

const table: [string, Partial<PolicyCase> & { candidate?: PolicyCase['candidate'] }, boolean][] = [
  ['unset, training request', {}, true],
  ['unset, client', { candidate: { ...candidate, origin: 'client' } }, false],
  ['always, client', { policy: { kind: 'always' }, candidate: { ...candidate, origin: 'client' } }, true],
  ['manual, training request', { policy: { kind: 'manual' } }, false],
  [
    'always, but the request said never',
    { policy: { kind: 'always' }, candidate: { ...candidate, promote: 'never' } },
    false,
  ],
  [
    'manual, and a request can not ask for more',
    { policy: { kind: 'manual' }, candidate: { ...candidate, promote: 'policy' } },
    false,
  ],
  ['always, not servable', { policy: { kind: 'always' }, candidate: { ...candidate, servable: false } }, false],
  ['always, a newer version is promoted already', { policy: { kind: 'always' }, production: production({}, 6) }, false],
  ['always, this version is promoted already', { policy: { kind: 'always' }, production: production({}, 5) }, false],
  ['gate passed', { policy: { ...gate, minimum: 0.9 } }, true],
  ['gate missed', { policy: { ...gate, minimum: 0.91 } }, false],
  ['gate, lower is better, passed', { policy: { ...lower, minimum: 0.2 } }, true],
  ['gate, lower is better, missed', { policy: { ...lower, minimum: 0.19 } }, false],
  ['gate, metric missing', { policy: { ...gate, metric: 'f1' } }, false],
  ['gate, metric is NaN', { policy: gate, candidate: { ...candidate, metrics: { accuracy: NaN } } }, false],
  ['gate without bounds', { policy: gate }, true],
  ['better than production, none there', { policy: { ...gate, betterThanProduction: true } }, true],
  [
    'better than production, it is',
    { policy: { ...gate, betterThanProduction: true }, production: production({ accuracy: 0.8 }) },
    true,
  ],
  [
    'better than production, equal is not better',
    { policy: { ...gate, betterThanProduction: true }, production: production({ accuracy: 0.9 }) },
    false,
  ],
  [
    'better than production, lower is better',
    { policy: { ...lower, betterThanProduction: true }, production: production({ log_loss: 0.3 }) },
    true,
  ],
  [
    'better than production, which has no such metric',
    { policy: { ...gate, betterThanProduction: true }, production: production({}) },
    false,
  ],
  ['not compared when not asked to', { policy: gate, production: production({ accuracy: 0.99 }) }, true],
];

describe('the promotion policy', () => {
  it.each(table)('%s', (_, given, promote) => {
    const answer = decideByPolicy({ policy: undefined, candidate, production: undefined, ...given });
    expect(answer.promote).toBe(promote);
    expect(answer.reason).not.toBe('');
  });
});
