import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { messageOf, PlatformError } from '#runtime';

/**
 * Hands every body to the controllers as bytes, whatever its content type says: many clients send JSON as
 * `application/x-www-form-urlencoded` (curl's default) or without a type. The size limit is Fastify's.
 */
export const takeBodiesAsBytes = (app: NestFastifyApplication): void => {
  app.getHttpAdapter().getInstance().removeAllContentTypeParsers();
  app.useBodyParser('*', undefined, (_request, body, done) => {
    done(null, body);
  });
};

/**
 * Reads a JSON body; integers beyond 2^53 become bigint, so that no digit is lost.
 * @throws PlatformError INPUT_INVALID with what to send instead.
 */
export const jsonBody = (body: unknown): unknown => {
  if (!(body instanceof Uint8Array) || body.length === 0)
    throw new PlatformError('INPUT_INVALID', 'The body is empty; send JSON.');
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw new PlatformError('INPUT_INVALID', 'The body is not UTF-8 text; send JSON.');
  }
  try {
    // The reviver costs several times the parsing, so only bodies that can hold such integers pay for it.
    return /\d{16}/.test(text) ? (JSON.parse(text, keepDigits) as unknown) : (JSON.parse(text) as unknown);
  } catch (error) {
    throw new PlatformError('INPUT_INVALID', `The body is not JSON: ${messageOf(error)}`, error);
  }
};

const keepDigits = (_key: string, value: unknown, context?: { source?: string }): unknown =>
  typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(context?.source ?? '')
    ? BigInt(context?.source ?? 0)
    : value;
