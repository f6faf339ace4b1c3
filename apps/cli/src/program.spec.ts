import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readSettings } from '#runtime';
import { busSettings, registryUrl } from './connection.js';
import { policyOf } from './commands/policy.js';
import { keyValue, parametersOf } from './commands/parse-values.js';
import { printable, table } from './output.js';
import { program } from './program.js';

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'baton-cli-'));
});
afterEach(() => rm(dataDir, { recursive: true }));

const standalone = { registry: 'http://127.0.0.1:7000', databaseUrl: 'postgres://h/d', kafkaBrokers: null };

it('finds the registry: flag, BATON_REGISTRY, a running standalone, the usual port', async () => {
  expect(registryUrl(undefined, readSettings({}), dataDir)).toBe('http://127.0.0.1:5000');
  await writeFile(join(dataDir, 'endpoints.json'), JSON.stringify(standalone));
  expect(registryUrl(undefined, readSettings({}), dataDir)).toBe('http://127.0.0.1:7000');
  const named = readSettings({ BATON_REGISTRY: 'http://r:1/' });
  expect(registryUrl(undefined, named, dataDir)).toBe('http://r:1');
  expect(registryUrl('http://f:2', named, dataDir)).toBe('http://f:2');
  expect(() => registryUrl('nonsense', named, dataDir)).toThrow(/http:\/\/localhost:5000/);
});

it('finds the bus: the environment, a running standalone, else says what to set', async () => {
  expect(() => busSettings(readSettings({}), dataDir)).toThrow(/KAFKA_BROKERS.*--data-dir/);
  await writeFile(join(dataDir, 'endpoints.json'), JSON.stringify(standalone));
  expect(busSettings(readSettings({}), dataDir).DATABASE_URL).toBe('postgres://h/d');
  expect(busSettings(readSettings({ KAFKA_BROKERS: 'k:1' }), dataDir)).toMatchObject({ KAFKA_BROKERS: ['k:1'] });
});

it('parameters that read as numbers or booleans are those', () => {
  const given = ['max_iter=500', 'C=0.1', 'deep=true', 'name=1.2.3', 'x=a=b'].reduce<Record<string, unknown>>(
    (before, text) => keyValue(text, before),
    {},
  );
  expect(given).toEqual({ max_iter: 500, C: 0.1, deep: true, name: '1.2.3', x: 'a=b' });
});

it('what follows the known flags are parameters of the recipe, in its own spelling', () => {
  const args = ['--n-estimators', '100', '--C=0.5', '--warm-start', '--max-depth', 'null', '--shift', '-1'];
  expect(parametersOf(args)).toEqual({ n_estimators: 100, C: 0.5, warm_start: true, max_depth: null, shift: -1 });
  expect(() => parametersOf(['100'])).toThrow(/--n-estimators 100/);
  expect(() => parametersOf(['-x', '1'])).toThrow(/"-x"/);
});

it('a gate needs its metric, and the others take none of its flags', () => {
  expect(() => policyOf('gate', {})).toThrow(/--metric/);
  expect(() => policyOf('manual', { betterThanProduction: true })).toThrow(/--better-than-production/);
  expect(() => policyOf('manual', { stage: 'Staging' })).toThrow(/--stage/);
  expect(() => policyOf('always', { metric: 'accuracy' })).toThrow(/--metric/);
  expect(policyOf('always', { signatureChanges: 'refuse' })).toEqual({ kind: 'always', signatureChanges: 'refuse' });
  expect(policyOf('gate', { metric: 'accuracy', direction: 'higher', minimum: 0.9 })).toEqual({
    kind: 'gate',
    metric: 'accuracy',
    direction: 'higher',
    minimum: 0.9,
    betterThanProduction: false,
  });
});

it('a terminal does not obey what others wrote', () => {
  expect(printable('a\u001b[2Jb')).toBe('a\\x1b[2Jb');
  expect(table(['A'], [['\u0007']], '')).toBe('A\n\\x07');
});

it.each([
  [['fleet', '--colour']],
  [['promote', 'm', '0']],
  [['train']],
  [['preset', 'set', 'm', 'v1']],
  [['schedule', 'set', 'm', 'nightly']],
  [['nothing']],
])('%j is refused with a hint', async (args) => {
  const said: string[] = [];
  const baton = program();
  const quiet = (command: typeof baton): void => {
    command.configureOutput({ writeErr: (text) => said.push(text) });
    command.commands.forEach(quiet);
  };
  quiet(baton);
  await expect(baton.parseAsync(args, { from: 'user' })).rejects.toMatchObject({ exitCode: 1 });
  expect(said.join('')).toMatch(/error: .*\n.*--help/s);
});
