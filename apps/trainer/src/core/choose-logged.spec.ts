import { describe, expect, it } from 'vitest';
import { chooseLogged } from './choose-logged.js';
import type { LoggedRun } from './tracking.js';

const run = (over: Partial<LoggedRun>): LoggedRun => ({ runId: 'r', metrics: {}, modelIds: [], versions: [], ...over });

describe('what of a script’s runs answers the request', () => {
  it.each<[string, LoggedRun[], object]>([
    ['nothing, when it logged nothing', [run({})], { metrics: {} }],
    [
      'the latest version of the model asked for, with the metrics of its run',
      [
        run({ metrics: { a: 1 }, versions: [{ model: 'M', version: 4 }], modelIds: ['m1'] }),
        run({ metrics: { a: 2 }, versions: [{ model: 'Other', version: 9 }, { model: 'M', version: 3 }] }), // prettier-ignore
      ],
      { version: 4, metrics: { a: 1 } },
    ],
    [
      'what is wrong with the file of that version',
      [run({ versions: [{ model: 'M', version: 4, broken: 'it is cut off' }] })],
      { version: 4, broken: 'it is cut off', metrics: {} },
    ],
    [
      'the model that was logged last, when none was registered under that name',
      [
        run({ metrics: { a: 1 }, modelIds: ['m1', 'm2'], versions: [{ model: 'Other', version: 1 }] }),
        run({ metrics: { a: 2 } }),
      ],
      { loggedModelId: 'm2', metrics: { a: 1 } },
    ],
    ['metrics alone', [run({ metrics: { a: 1 } }), run({})], { metrics: { a: 1 } }],
  ])('%s', (_, runs, chosen) => {
    expect(chooseLogged(runs, 'M')).toEqual(chosen);
  });
});
