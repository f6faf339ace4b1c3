import { expect, it } from 'vitest';
import { PlatformError, messageOf } from './platform-error.js';

it('has the sentence of its code when it is given none, and keeps its cause', () => {
  const cause = new Error('ECONNREFUSED');
  const error = new PlatformError('DATABASE_UNAVAILABLE', undefined, cause);
  expect(error).toMatchObject({ detail: 'The database does not answer.', cause, traits: { status: 503 } });
});

it.each([
  [new Error('plain'), 'plain'],
  ['text', 'text'],
  [new AggregateError([new Error('a'), new Error('b'), new Error('a')]), 'a; b'],
  [Object.assign(new Error(''), { code: 'ECONNRESET' }), 'ECONNRESET'],
  [new TypeError(''), 'TypeError'],
])('the message of %s is %j', (error, message) => {
  expect(messageOf(error)).toBe(message);
});
