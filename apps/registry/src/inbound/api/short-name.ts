import { sentence, shortName } from '#contracts';
import { PlatformError } from '#runtime';

/** The name of a preset or schedule out of a path. @throws PlatformError REQUEST_INVALID. */
export const checkedShortName = (name: string): string => {
  const parsed = shortName.safeParse(name);
  if (parsed.success) return parsed.data;
  throw new PlatformError('REQUEST_INVALID', sentence(parsed.error, 'the name'));
};
