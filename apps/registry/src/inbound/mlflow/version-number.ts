import { z } from 'zod';

/** MLflow writes versions as text; both are read. */
export const versionNumber = z.union([z.string().min(1), z.int()]).transform((value, context): number => {
  const version = Number(value);
  if (/^\d{1,9}$/.test(String(value)) && version > 0) return version;
  context.addIssue({
    code: 'custom',
    message: `Model version must be an integer, got '${String(value)}'`,
    input: value,
  });
  return z.NEVER;
});
