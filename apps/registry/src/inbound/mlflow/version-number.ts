import { required } from './fields.js';

/** MLflow writes versions as text and takes nothing else. */
export const versionNumber = required.transform((value, context): number => {
  if (/^\s*[+-]?\d{1,15}\s*$/.test(value)) return Number(value);
  context.addIssue({
    code: 'custom',
    message: `Parameter 'version' must be an integer, got '${value}'.`,
    input: value,
  });
  return Number.NaN;
});
