import type { z } from 'zod';

/**
 * Refuses, wherever they stand in a value, the two things that JSON text can say and PostgreSQL's `text` and `jsonb` can
 * not hold: the character U+0000, and one half of a surrogate pair. Each place is named, keys of objects included.
 */
export const storable = (value: unknown, context: z.core.$RefinementCtx): void => {
  for (const path of unstorableIn(value, []))
    context.addIssue({
      code: 'custom',
      path,
      message: 'must not contain the character U+0000 or half a surrogate pair',
    });
};

const unstorableIn = (value: unknown, path: PropertyKey[]): PropertyKey[][] => {
  if (typeof value === 'string') return isStorable(value) ? [] : [path];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, below]) =>
    isStorable(key) ? unstorableIn(below, [...path, key]) : [[...path, key]],
  );
};

const isStorable = (text: string): boolean => !text.includes('\u0000') && text.isWellFormed();
