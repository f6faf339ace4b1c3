import { isUtf8 } from 'node:buffer';
import { brotliDecompress, gunzip, inflate as inflateZlib } from 'node:zlib';
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
    else done(tooLarge(limitBytes));
  });
  fastify.removeAllContentTypeParsers();
  app.useBodyParser('*', undefined, (request, body, done) => {
    const encoding = request.headers['content-encoding'];
    if (encoding === undefined || encoding === 'identity') done(null, body);
    else inflate(encoding, body, limitBytes, done);
  });
};

const decoders = { gzip: gunzip, deflate: inflateZlib, br: brotliDecompress };

/** The limit holds for what comes out, too: a few kilobytes can hold gigabytes. */
const inflate = (
  encoding: string,
  body: Buffer,
  limitBytes: number,
  done: (error: Error | null, body?: Buffer) => void,
): void => {
  if (!Object.hasOwn(decoders, encoding)) {
    done(new PlatformError('INPUT_INVALID', `Content-Encoding "${encoding}" is unknown; send gzip, deflate or br.`));
    return;
  }
  const decode: typeof gunzip = decoders[encoding as keyof typeof decoders];
  decode(body, { maxOutputLength: limitBytes }, (error, inflated) => {
    if (error === null) done(null, inflated);
    else if ('code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') done(tooLarge(limitBytes));
    else done(new PlatformError('INPUT_INVALID', `The body is not ${encoding}: ${messageOf(error)}.`, error));
  });
};

const tooLarge = (limitBytes: number): PlatformError =>
  new PlatformError('PAYLOAD_TOO_LARGE', `The body is larger than the limit of ${String(limitBytes)} bytes.`);

/**
 * Reads a JSON body; integers beyond 2^53 become bigint, so that no digit is lost, unless nobody asks for their `digits`.
 * @throws PlatformError INPUT_INVALID with what to send instead.
 */
export const jsonBody = (body: unknown, digits = true): unknown => {
  if (!(body instanceof Uint8Array) || body.length === 0)
    throw new PlatformError('INPUT_INVALID', 'The body is empty; send JSON.');
  if (!isUtf8(body)) throw new PlatformError('INPUT_INVALID', 'The body is not UTF-8 text; send JSON.');
  const text = textOf(body);
  try {
    // The reviver costs several times the parsing, so only bodies that can hold such integers pay for it.
    return digits && LONG_INTEGER.test(text)
      ? (JSON.parse(text, keepDigits) as unknown)
      : (JSON.parse(text) as unknown);
  } catch (error) {
    const hint = NOT_A_NUMBER.test(text) ? ' JSON has no NaN and no infinity.' : '';
    throw new PlatformError('INPUT_INVALID', `The body is not JSON: ${messageOf(error)}.${hint}`, error);
  }
};

/** Node's own decoder of a buffer costs a fraction of a `TextDecoder`, but leaves a byte order mark. */
const textOf = (body: Uint8Array): string => {
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString();
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
};

/** Sixteen digits and more that are not the fraction of a number, nor have one. */
const LONG_INTEGER = /(?:^|[^.\d])\d{16,}(?![.\deE])/;
const NOT_A_NUMBER = /[[,:\s](?:NaN|-?Infinity)\b/;

/** Such numbers have fewer digits by far; reading a bigint of millions takes seconds. */
const MAX_DIGITS = 400;

const keepDigits = (_key: string, value: unknown, context?: { source?: string }): unknown =>
  typeof value === 'number' && !Number.isSafeInteger(value) && isLongInteger(context?.source ?? '')
    ? BigInt(context?.source ?? 0)
    : value;

const isLongInteger = (source: string): boolean => source.length <= MAX_DIGITS && /^-?\d+$/.test(source);
