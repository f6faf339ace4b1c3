import { isAbsolute, join, resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { parameterReader, parameterSpec } from '../../core/recipe-parameters.js';
import type { RecipeLimits } from '../../core/built-in-recipes.js';
import type { RecipeDeclaration } from '../../core/recipe-declaration.js';

const units = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3, kB: 1e3, MB: 1e6, GB: 1e9 } as const;

const sizeWords = 'must be a size such as 512MiB or 2GiB';
const size = z
  .string(sizeWords)
  .regex(/^\d+(\.\d+)? ?(B|KiB|MiB|GiB|kB|MB|GB)$/, sizeWords)
  .transform((text) => {
    const [, number, unit] = /^([\d.]+) ?(\w+)$/.exec(text) ?? [];
    return Math.round(Number(number) * units[unit as keyof typeof units]);
  });

const variable = z.string().regex(/^[A-Za-z_]\w*$/, 'must be the name of a variable');

/** Of the contract itself: a recipe may not set them. */
const reserved = /^(MLFLOW_(TRACKING_URI|TRACKING_TOKEN|RUN_ID|RUN_CONTEXT)|TRAINER_\w*|LD_PRELOAD)$/;

/** `recipe.yaml`: strict, because a misspelt limit would be no limit. */
const recipeFile = z
  .strictObject({
    id: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,99}$/, 'must be small letters, digits, ".", "_" and "-"'),
    title: z.string().min(1).max(200),
    command: z.array(z.string().min(1).refine((word) => !word.includes('\0'), 'must not hold NUL')).min(1), // prettier-ignore
    requirements: z.string().min(1).optional(),
    parameters: z.record(z.string().regex(/^[A-Za-z_]\w*$/), parameterSpec).default({}),
    timeout_seconds: z.number().positive().optional(),
    memory: size.optional(),
    disk: size.optional(),
    environment: z.record(variable, z.string()).default({}),
    inherit: z.array(variable).default([]),
    logs_model: z.boolean().default(false),
    attaches_model: z.boolean().default(false),
    takes_run: z.boolean().default(false),
  })
  .refine((file) => !(file.logs_model && file.attaches_model), 'logs_model and attaches_model exclude each other')
  .superRefine(({ environment, inherit }, context) => {
    for (const name of [...Object.keys(environment), ...inherit].filter((each) => reserved.test(each)))
      context.addIssue(`${name} is set by the trainer`);
  });

/**
 * Reads the text of a `recipe.yaml`.
 * @param folder absolute: words of the command that are paths (`./train.py`) and the requirements are below it
 * @throws Error whose message says what to change.
 */
export const readRecipeFile = (text: string, folder: string, limits: RecipeLimits): RecipeDeclaration => {
  const result = recipeFile.safeParse(parse(text));
  if (!result.success)
    throw new Error(
      result.error.issues.map(({ path, message }) => [...path.map(String), message].join(' ')).join('; '),
    );
  const file = result.data;
  return {
    id: file.id,
    title: file.title,
    memoryBytes: file.memory ?? limits.memoryBytes,
    diskBytes: file.disk ?? limits.diskBytes,
    readParameters: parameterReader(file.title, file.parameters),
    external: {
      folder,
      command: file.command.map((word) => (/^\.\.?\//.test(word) ? join(folder, word) : word)),
      ...(file.requirements !== undefined && {
        requirements: isAbsolute(file.requirements) ? file.requirements : resolve(folder, file.requirements),
      }),
      environment: file.environment,
      inherit: file.inherit,
      ...(file.timeout_seconds !== undefined && { timeoutMs: Math.round(file.timeout_seconds * 1000) }),
      model: file.logs_model ? 'logged' : file.attaches_model ? 'attached' : 'file',
      takesRun: file.takes_run,
    },
  };
};
