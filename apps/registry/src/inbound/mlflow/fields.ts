import { z } from 'zod';

/**
 * The field types of MLflow's messages, as protobuf's JSON reads them: numbers may be text (and are, in a query string),
 * a repeated field may come as a single value, an unknown enum name counts as unset.
 */
export const text = z.string();
/** A required text; MLflow treats the empty one as missing. */
export const required = z.string().min(1);

const numeric = (value: unknown): unknown =>
  typeof value === 'string' && value.trim() !== '' && !Number.isNaN(Number(value)) ? Number(value) : value;

export const int64 = z.preprocess(numeric, z.int());
export const double = z.unknown().transform((value, context): number => {
  const known: Record<string, number> = { NaN, Infinity, '-Infinity': -Infinity };
  const read = typeof value === 'string' && value in known ? known[value] : numeric(value);
  if (typeof read === 'number') return read;
  context.addIssue({ code: 'invalid_type', expected: 'number', input: value });
  return z.NEVER;
});
export const flag = z.preprocess(
  (value) => (typeof value === 'string' && /^(true|false)$/i.test(value) ? value.toLowerCase() === 'true' : value),
  z.boolean(),
);
export const list = <T extends z.ZodType>(item: T) =>
  z.preprocess(
    (value) =>
      value === undefined
        ? []
        : Array.isArray(value)
          ? (value as unknown)
          : typeof value === 'string'
            ? [value]
            : value,
    z.array(item),
  );
/** Names with the numbers protobuf gives them; what is unknown is dropped without a word, as MLflow does. */
export const named = <const T extends string>(names: Record<number, T>) =>
  z.unknown().transform((value): T | undefined => {
    if (typeof value === 'number') return names[value];
    return Object.values(names).find((name) => name === value);
  });

export const pair = z.object({ key: required, value: text });
export const pairs = list(pair);
/** A tag whose value may be left out, as the registry's are. */
export const tags = list(z.object({ key: required, value: text.default('') }));

export const viewType = named({ 1: 'ACTIVE_ONLY', 2: 'DELETED_ONLY', 3: 'ALL' }).optional();
export const runStatus = named({ 1: 'RUNNING', 2: 'SCHEDULED', 3: 'FINISHED', 4: 'FAILED', 5: 'KILLED' }).optional();
export const loggedModelStatus = named({
  1: 'LOGGED_MODEL_PENDING',
  2: 'LOGGED_MODEL_READY',
  3: 'LOGGED_MODEL_UPLOAD_FAILED',
});

/** `max_results` of a search with its default and its greatest value. */
export const maxResults = (byDefault: number | undefined, greatest: number) => {
  const field = int64.pipe(
    z
      .int()
      .min(1, {
        error: ({ input }) =>
          `Invalid value ${String(input)} for parameter 'max_results' supplied. It must be a positive integer`,
      })
      .max(greatest, {
        error: ({ input }) =>
          `Invalid value ${String(input)} for parameter 'max_results' supplied:  Hint: Value was of type 'int'. It must be at most ${String(greatest)}. See the API docs for more information about request parameters.`,
      }),
  );
  return byDefault === undefined ? field : field.default(byDefault);
};
