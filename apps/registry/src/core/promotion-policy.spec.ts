import { describe, expect, it } from 'vitest';
import type { ModelSignature } from '#contracts';
import { decideByPolicy, type PolicyAnswer, type PolicyCase } from './promotion-policy.js';

const candidate: PolicyCase['candidate'] = {
  version: 5,
  origin: 'training-request',
  promote: 'policy',
  servable: true,
  metrics: { accuracy: 0.9, log_loss: 0.2 },
};
const production = (metrics: Record<string, number>, version = 4) => ({ version, metrics });
const far = { signatureChanges: 'allow', stage: 'Production' } as const;
const gate = { kind: 'gate', metric: 'accuracy', direction: 'higher', betterThanProduction: false, ...far } as const;
const always = { kind: 'always', ...far } as const;
const signature = (name: string, tensor = 'features'): ModelSignature => ({
  inputs: [{ name: tensor, datatype: 'FP32', shape: [-1, 1] }],
  outputs: [{ name: 'label', datatype: 'INT64', shape: [-1] }],
  columns: [{ name, type: 'double', required: true }],
});
const lower = { ...gate, metric: 'log_loss', direction: 'lower' } as const;

const table: [string, Partial<PolicyCase> & { candidate?: PolicyCase['candidate'] }, boolean][] = [
  ['unset, training request', {}, true],
  ['unset, client', { candidate: { ...candidate, origin: 'client' } }, false],
  ['always, client', { policy: always, candidate: { ...candidate, origin: 'client' } }, true],
  ['manual, training request', { policy: { kind: 'manual' } }, false],
  ['always, but the request said never', { policy: always, candidate: { ...candidate, promote: 'never' } }, false],
  [
    'manual, and a request can not ask for more',
    { policy: { kind: 'manual' }, candidate: { ...candidate, promote: 'policy' } },
    false,
  ],
  ['always, not servable yet: it waits', { policy: always, candidate: { ...candidate, servable: false } }, true],
  ['always, a newer version is promoted already', { policy: always, production: production({}, 6) }, false],
  ['always, this version is promoted already', { policy: always, production: production({}, 5) }, false],
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

const refusing = { ...always, signatureChanges: 'refuse' } as const;
const staging = { ...always, stage: 'Staging' } as const;
const served = (given: ModelSignature) => ({ ...production({}), signature: given });

const steps: [string, Partial<PolicyCase>, PolicyAnswer['step'], RegExp][] = [
  ['archived meanwhile', { policy: always, stage: 'Archived' }, 'leave', /archived/],
  ['a newer one waits', { policy: always, pending: 6 }, 'leave', /version 6.*waits/],
  ['an older one waits', { policy: always, pending: 3 }, 'promote', /always/],
  ['this one waits, and its file came', { policy: always, pending: 5 }, 'promote', /always/],
  [
    'other columns, refused',
    { policy: refusing, candidate: { ...candidate, signature: signature('b') }, production: served(signature('a')) },
    'leave',
    /version 4 in production: column "a" is gone/,
  ],
  [
    'other columns, allowed',
    { policy: always, candidate: { ...candidate, signature: signature('b') }, production: served(signature('a')) },
    'promote',
    /always/,
  ],
  [
    'other tensors, the same columns',
    {
      policy: refusing,
      candidate: { ...candidate, signature: signature('a', 'X') },
      production: served(signature('a')),
    },
    'promote',
    /always/,
  ],
  [
    'a gate refuses other columns too',
    {
      policy: { ...gate, signatureChanges: 'refuse' },
      candidate: { ...candidate, signature: signature('b') },
      production: served(signature('a')),
    },
    'leave',
    /column "a" is gone/,
  ],
  ['refusing, nothing to compare with', { policy: refusing }, 'promote', /always/],
  ['stops at Staging', { policy: staging }, 'stage', /stops at Staging/],
  ['a gate stops at Staging', { policy: { ...gate, stage: 'Staging' } }, 'stage', /passes; the policy stops/],
  ['stops at Staging, an older one is there', { policy: staging, staging: 4 }, 'stage', /stops at Staging/],
  ['stops at Staging, a newer one is there', { policy: staging, staging: 6 }, 'leave', /version 6.*Staging/],
  ['stops at Staging, a person went further', { policy: staging, stage: 'Production' }, 'leave', /Production/],
];

describe('the promotion policy', () => {
  it.each(table)('%s', (_, given, promote) => {
    const answer = decideByPolicy({ policy: undefined, candidate, production: undefined, ...given });
    expect(answer.step).toBe(promote ? 'promote' : 'leave');
    expect(answer.reason).not.toBe('');
  });

  it.each(steps)('%s', (_, given, step, reason) => {
    const answer = decideByPolicy({ policy: undefined, candidate, production: undefined, ...given });
    expect(answer).toEqual({ step, reason: expect.stringMatching(reason) as string });
  });
});
