import { describe, expect, it } from 'vitest';
import { agreementOf } from './agreement.js';

type Given = Parameters<typeof agreementOf>[0];

const table: [Given, string | null][] = [
  [{ version: 2, production: [2], champion: 2 }, null],
  [{ version: null, production: [], champion: null }, null],
  [{ version: 2, production: [2], champion: null }, 'Version 2 is promoted, but the alias champion is not set.'],
  [
    { version: 1, production: [1, 2], champion: 1 },
    'Version 1 is promoted, but versions 1, 2 are in stage Production (models:/…/Production is version 2).',
  ],
  [
    { version: 3, production: [2], champion: 3 },
    'Version 3 is promoted, but version 2 is in stage Production (models:/…/Production is version 2).',
  ],
  [
    { version: 3, production: [], champion: 1 },
    'Version 3 is promoted, but no version is in stage Production, and the alias champion names version 1.',
  ],
  [{ version: null, production: [], champion: 1 }, 'No version is promoted, but the alias champion names version 1.'],
];

describe('whether pointer and labels agree', () => {
  it.each(table)('%j', (given, differs) => {
    expect(agreementOf(given)).toMatchObject({ pointer: given.version, agree: differs === null, differs });
  });
});
