import { createHash } from 'node:crypto';

/**
 * The id of a training request, derived from what CloudEvents calls its identity (`source` + `id`), so that everybody
 * who hears the same event, however often, gives it the same id. RFC 9562 version 8 over SHA-256.
 */
export const requestIdOf = (source: string, id: string): string => {
  const hex = createHash('sha256').update(source).update('\n').update(id).digest('hex');
  const variant = ((parseInt(hex[16], 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
};
