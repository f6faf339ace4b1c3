import { randomBytes } from 'node:crypto';

/** A name no other test uses: topics, groups, prefixes, models. */
export const uniqueName = (prefix: string): string => `${prefix}-${randomBytes(5).toString('hex')}`;
