import { PlatformError } from '#runtime';

/** The version that a path names. @throws PlatformError REQUEST_INVALID. */
export const numberOf = (text: string): number => {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new PlatformError(
    'REQUEST_INVALID',
    `"${text.slice(0, 50)}" is no version: versions are whole numbers from 1.`,
  );
};
