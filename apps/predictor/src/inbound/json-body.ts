import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { messageOf, PlatformError } from '#runtime';

/** Bodies up to this size are read and thrown away when they are too large; beyond it the connection is cut. */
const DISCARDED_UP_TO_BYTES = 1024 ** 3;

/**
 * Hands every body to the controllers as bytes, whatever its content type says: many clients send JSON as
 * `application/x-www-form-urlencoded` (curl's default) or without a type. Fastify holds the size limit, but cuts the
 * connection of one who announces too much: a client in the middle of its sending would see a broken pipe and no answer.
 */
export const takeBodiesAsBytes = (app: NestFastifyApplication, limitBytes: number): void => {
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addHook('onRequest', (request, _reply, done) => {
    const announced = Number(request.headers['content-length'] ?? 0);
    if (announced <= limitBytes || announced > DISCARDED_UP_TO_BYTES) done();
    else
      done(new PlatformError('PAYLOAD_TOO_LARGE', `The body is larger than the limit of ${String(limitBytes)} bytes.`));
  });
  fastify.removeAllContentTypeParsers();
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
