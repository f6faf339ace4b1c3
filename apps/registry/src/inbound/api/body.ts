import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { sentence } from '#contracts';
import { PlatformError } from '#runtime';

/** The body of a request of our own API, checked by its contract. */
export const ContractBody = (schema: z.ZodType): ParameterDecorator =>
  createParamDecorator((_: unknown, context: ExecutionContext): unknown => {
    const { body } = context.switchToHttp().getRequest<FastifyRequest>();
    if (typeof body === 'string')
      throw new PlatformError('REQUEST_INVALID', 'Send JSON with "content-type: application/json".');
    const parsed = schema.safeParse(body ?? {});
    if (!parsed.success) throw new PlatformError('REQUEST_INVALID', sentence(parsed.error, 'the body'));
    return parsed.data;
  })();

/** A whole number of a query string within bounds. @throws PlatformError REQUEST_INVALID. */
export const countIn = (text: string | undefined, name: string, byDefault: number, greatest: number): number => {
  if (text === undefined) return byDefault;
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= greatest) return count;
  throw new PlatformError('REQUEST_INVALID', `${name} must be a whole number from 1 to ${String(greatest)}.`);
};

/** A moment of a query string as ISO 8601, with its zone. @throws PlatformError REQUEST_INVALID. */
export const momentIn = (text: string, name: string): string => {
  // A "+" of a zone that was not encoded arrives as a space.
  const parsed = z.iso.datetime({ offset: true }).safeParse(text.replace(' ', '+'));
  if (parsed.success) return new Date(parsed.data).toISOString();
  throw new PlatformError('REQUEST_INVALID', `${name} must be a moment such as 2026-11-21T12:00:00Z.`);
};
