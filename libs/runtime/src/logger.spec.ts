import { expect, it } from 'vitest';
import { JsonLogger } from './logger.js';

const logged = (level: 'debug' | 'info' | 'warn'): [JsonLogger, () => Record<string, unknown>[]] => {
  const lines: string[] = [];
  const logger = new JsonLogger('trainer', level, (line) => lines.push(line));
  return [logger, () => lines.map((line) => JSON.parse(line) as Record<string, unknown>)];
};

it('writes one JSON object per line, with its facts', () => {
  const [logger, lines] = logged('info');
  logger.info('Two\nlines.', { model: 'IrisModel', big: 2n ** 60n });
  expect(lines()).toEqual([
    expect.objectContaining({
      level: 'info',
      app: 'trainer',
      message: 'Two\nlines.',
      model: 'IrisModel',
      big: '1152921504606846976',
    }),
  ]);
});

it('shows errors with their causes', () => {
  const [logger, lines] = logged('info');
  logger.error('It broke.', { error: new Error('outer', { cause: new Error('inner') }) });
  expect(lines()[0]).toMatchObject({ error: { message: 'outer', cause: { message: 'inner' } } });
});

it('leaves out what is below the level', () => {
  const [logger, lines] = logged('warn');
  logger.debug('a');
  logger.info('b');
  logger.warn('c');
  logger.error('d');
  expect(lines().map(({ message }) => message)).toEqual(['c', 'd']);
});
