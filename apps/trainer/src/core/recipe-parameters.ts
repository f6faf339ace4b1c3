import { z } from 'zod';
import { PlatformError } from '#runtime';
import type { ParameterValues } from './recipe-declaration.js';

const described = { description: z.string().optional() };
const bounds = { minimum: z.number().optional(), maximum: z.number().optional() };
const nullable = { nullable: z.boolean().default(false) };

/** One parameter as a `recipe.yaml` declares it. Without a default it must be given. */
export const parameterSpec = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('integer'), ...bounds, ...nullable, ...described, default: z.json().optional() }),
  z.strictObject({ type: z.literal('number'), ...bounds, ...nullable, ...described, default: z.json().optional() }),
  z.strictObject({
    type: z.literal('string'),
    choices: z.array(z.string()).min(1).optional(),
    /** The whole value must match. */
    pattern: z.string().optional(),
    ...nullable,
    ...described,
    default: z.json().optional(),
  }),
  z.strictObject({ type: z.literal('boolean'), ...nullable, ...described, default: z.json().optional() }),
  z.strictObject({ type: z.literal('strings'), ...described, default: z.json().optional() }),
  z.strictObject({ type: z.literal('object'), ...described, default: z.json().optional() }),
]);

export type ParameterSpec = z.infer<typeof parameterSpec>;

/**
 * The reader of a recipe's parameters.
 * @throws Error naming a default that the parameter itself would refuse, or a pattern that is none.
 */
export const parameterReader = (
  title: string,
  specs: Readonly<Record<string, ParameterSpec>>,
): ((given: unknown) => ParameterValues) => {
  const names = Object.keys(specs);
  const fields = Object.fromEntries(Object.entries(specs).map(([name, spec]) => [name, fieldOf(name, spec)]));
  const schema = z.strictObject(fields, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? `${issue.keys.map((key) => `"${key}"`).join(', ')} unknown; ${names.length === 0 ? 'there are no parameters' : `the parameters are ${names.join(', ')}`}`
        : undefined,
  });
  return (given) => {
    const result = schema.safeParse(given);
    if (result.success) return result.data;
    const faults = result.error.issues.map(({ path, message }) => [...path.map(String), message].join(' '));
    throw new PlatformError('PARAMETER_INVALID', `${title}: ${faults.join('; ')}.`);
  };
};

const fieldOf = (name: string, spec: ParameterSpec): z.ZodType => {
  const bare = typeOf(spec);
  const type = 'nullable' in spec && spec.nullable ? bare.nullable() : bare;
  if (spec.default === undefined) return type;
  const tried = type.safeParse(spec.default);
  if (!tried.success) throw new Error(`the default of ${name} ${tried.error.issues[0].message}`);
  return type.default(tried.data);
};

const typeOf = (spec: ParameterSpec): z.ZodType => {
  const error = `must be ${wordsOf(spec)}`;
  switch (spec.type) {
    case 'integer':
      return z.number({ error }).int({ error }).min(spec.minimum ?? -Infinity, { error }).max(spec.maximum ?? Infinity, { error }); // prettier-ignore
    case 'number':
      return z
        .number({ error })
        .min(spec.minimum ?? -Infinity, { error })
        .max(spec.maximum ?? Infinity, { error });
    case 'string':
      if (spec.choices !== undefined) return z.enum(spec.choices, { error });
      return spec.pattern === undefined
        ? z.string({ error })
        : z.string({ error }).regex(new RegExp(`^(?:${spec.pattern})$`, 'u'), { error });
    case 'boolean':
      return z.boolean({ error });
    case 'strings':
      return z.array(z.string({ error }), { error });
    case 'object':
      return z.record(z.string(), z.json(), { error });
  }
};

const wordsOf = (spec: ParameterSpec): string => {
  switch (spec.type) {
    case 'integer':
      return `a whole number${range(spec)}`;
    case 'number':
      return `a number${range(spec)}`;
    case 'string':
      if (spec.choices !== undefined) return `one of ${spec.choices.join(', ')}`;
      return spec.pattern === undefined ? 'a text' : `a text like ${spec.pattern}`;
    case 'boolean':
      return 'true or false';
    case 'strings':
      return 'a list of texts';
    case 'object':
      return 'an object';
  }
};

const range = ({ minimum, maximum }: { minimum?: number; maximum?: number }): string =>
  minimum !== undefined && maximum !== undefined
    ? ` from ${String(minimum)} to ${String(maximum)}`
    : minimum !== undefined
      ? ` of at least ${String(minimum)}`
      : maximum !== undefined
        ? ` of at most ${String(maximum)}`
        : '';
