import { PlatformError } from '#runtime';

/** A data set that no training can use; the sentence says where and what to change. */
export const invalidData = (sentence: string, cause?: unknown): PlatformError =>
  new PlatformError('DATASET_INVALID', sentence, cause);

/** A cell as a sentence may show it. */
export const shown = (text: string): string =>
  text === '' ? 'nothing' : `"${text.length > 40 ? `${text.slice(0, 40)}…` : text}"`;

/** The first of a few names as a sentence may list them. */
export const listed = (names: readonly string[]): string => {
  const text = names.join(', ');
  return text.length > 500 ? `${text.slice(0, 500)}…` : text;
};
