import { z } from 'zod';
import { readInt64, type Int64 } from '../../core/int64.js';
import { readPythonFloat } from '../../core/python-float.js';
import { isLonger } from '../../core/python-text.js';

/**
 * The field types of MLflow's messages, as protobuf's JSON reads them: numbers may be text (and are, in a query string),
 * a repeated field may come as a single value in a query, an unknown enum name counts as unset. No field takes what
 * PostgreSQL can't keep: NUL, and halves of UTF-16 pairs.
 */
export const text = z
  .string()
  .refine((value) => !value.includes('\0'), {
    error: ({ path }) => `A string literal cannot contain NUL (0x00) characters: parameter '${pathOf(path)}'.`,
  })
  .refine((value) => value.isWellFormed(), {
    error: ({ path }) =>
      `The value of parameter '${pathOf(path)}' is not valid Unicode: it holds half of a surrogate pair.`,
  });
/** A required text; MLflow treats the empty one as missing. */
export const required = text.min(1);

/** A text of at most `limit` characters as Python counts them, refused in MLflow's words under `name`. */
export const atMost = <T extends z.ZodType<string>>(field: T, limit: number, name: string): T =>
  field.refine((value) => !isLonger(value, limit), {
    error: `'${name}' exceeds the maximum length of ${String(limit)} characters`,
  });

/** `metrics[0].key` */
export const pathOf = (path: readonly PropertyKey[] = []): string =>
  path.reduce<string>(
    (said, part) => (typeof part === 'number' ? `${said}[${String(part)}]` : `${said}${said && '.'}${String(part)}`),
    '',
  );

export const int64 = z
  .unknown()
  .transform((value, context): Int64 => readInt64(value) ?? refuse('int', value, context));
/** Numbers that count things, such as page sizes: within what a double holds. */
export const int32 = z.unknown().transform((value, context): number => {
  const read = readInt64(value);
  return typeof read === 'number' ? read : refuse('int', value, context);
});

export const double = z.unknown().transform((value, context): number => {
  if (typeof value === 'number') return value;
  // Python's `float` takes them: a boolean is a number to it.
  if (typeof value === 'bigint' || typeof value === 'boolean') return Number(value);
  return (typeof value === 'string' ? readPythonFloat(value) : undefined) ?? refuse('number', value, context);
});

const refuse = (expected: 'int' | 'number', input: unknown, context: z.RefinementCtx): never => {
  context.addIssue({ code: 'invalid_type', expected, input });
  return z.NEVER;
};

export const flag = z.preprocess(
  (value) => (typeof value === 'string' && /^(true|false)$/i.test(value) ? value.toLowerCase() === 'true' : value),
  z.boolean(),
);

const repeated = new WeakSet<z.ZodType>();
/** True for what `list` made: in a query string its keys are repeated, and one is a list of one. */
export const isList = (field: z.ZodType): boolean => repeated.has(field);

/** An absent list is an empty one. */
export const list = <T extends z.ZodType>(item: T) => marked(z.array(item).default([]));
/** A list that has to be there. */
export const requiredList = <T extends z.ZodType>(item: T) => marked(z.array(item));

const marked = <T extends z.ZodType>(field: T): T => {
  repeated.add(field);
  return field;
};

/**
 * Names with the numbers protobuf gives them. An unknown name is dropped without a word, as MLflow does; an unknown number
 * is too unless `strict`.
 */
export const named = <const T extends string>(names: Record<number, T>, strict = false) =>
  z.unknown().transform((value, context): T | undefined => {
    if (typeof value === 'object') return refuse('number', value, context);
    const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
    if (typeof number !== 'number') return Object.values(names).find((name) => name === value);
    return !strict || number in names ? names[number] : refuse('number', value, context);
  });

/** A key with its value; one that is left out is the empty text. */
export const pair = z.object({ key: required, value: text.default('') });
export const pairs = list(pair);
export const tags = pairs;
/** Keys that their checks refuse when empty, in other words than those for what is missing. */
export const looseTags = list(z.object({ key: text.default(''), value: text.default('') }));

export const viewType = named({ 1: 'ACTIVE_ONLY', 2: 'DELETED_ONLY', 3: 'ALL' }).optional();
export const runStatus = named(
  { 1: 'RUNNING', 2: 'SCHEDULED', 3: 'FINISHED', 4: 'FAILED', 5: 'KILLED' },
  true,
).optional();
export const loggedModelStatus = named({
  1: 'LOGGED_MODEL_PENDING',
  2: 'LOGGED_MODEL_READY',
  3: 'LOGGED_MODEL_UPLOAD_FAILED',
});

/**
 * `max_results` of a search with its default and its greatest value. MLflow words the refusal of a greater one in two ways:
 * as a value of a wrong type where the request is checked (`hinted`), plainly where the store checks it.
 */
export const maxResults = (byDefault: number | undefined, greatest: number, { hinted = true } = {}) => {
  const field = int32.pipe(
    z
      .int()
      .min(1, {
        error: ({ input }) =>
          `Invalid value ${String(input)} for parameter 'max_results' supplied. It must be a positive integer`,
      })
      .max(greatest, {
        error: ({ input }) =>
          hinted
            ? `Invalid value ${String(input)} for parameter 'max_results' supplied:  Hint: Value was of type 'int'. See the API docs for more information about request parameters.`
            : `Invalid value ${String(input)} for parameter 'max_results' supplied. It must be at most ${String(greatest)}`,
      }),
  );
  // Without a default it is zero to MLflow, which is refused like any other zero.
  return byDefault === undefined ? z.preprocess((value) => value ?? 0, field) : field.default(byDefault);
};
