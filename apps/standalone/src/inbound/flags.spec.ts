import { afterEach, expect, it, vi } from 'vitest';
import { parseFlags } from './flags.js';

afterEach(() => {
  vi.restoreAllMocks();
});

/** The exit code and the sentence that faulty flags end with. */
const refusal = (args: string[]): { code: unknown; said: string } => {
  let said = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said += String(text);
    return true;
  });
  const exit = vi.spyOn(process, 'exit').mockImplementation(() => {
    throw new Error('ended');
  });
  expect(() => parseFlags(args)).toThrow('ended');
  return { code: exit.mock.calls[0]?.[0], said };
};

it('makes the data folder absolute and takes ports as numbers', () => {
  expect(parseFlags(['--data-dir', '/tmp/../d', '--registry-port', '0'])).toEqual({ dataDir: '/d', registryPort: 0 });
});

it('refuses an empty data folder, which would fill the current one', () => {
  const { code, said } = refusal(['--data-dir', '']);
  expect(code).toBe(2);
  expect(said).toContain('Name a folder.');
});

it.each([[['--bogus']], [['extra']], [['--registry-port', '99999']], [['--registry-port', 'x']]])(
  'ends with 2 for %j',
  (args) => {
    expect(refusal(args).code).toBe(2);
  },
);
