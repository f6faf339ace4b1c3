import { z } from 'zod';

/**
 * What passes between the trainer and a recipe's process, by files in the work folder: `input/params.json`,
 * `input/data.json`, `output/result.json`, model files in `output/model/`. Progress are lines of stdout:
 * `::progress {"step":3,"of":10,"message":"…"}`.
 */
export const paramsFile = z.object({ recipe: z.string(), parameters: z.record(z.string(), z.json()) });

export const dataFile = z.object({
  path: z.string(),
  format: z.enum(['csv', 'csv.gz', 'parquet']),
  target: z.string().optional(),
  features: z.array(z.string()).optional(),
  drop: z.array(z.string()).optional(),
  types: z.record(z.string(), z.enum(['number', 'category'])).optional(),
  testShare: z.number(),
  stratify: z.boolean().default(true),
  folds: z.number().int().optional(),
  /** Limits of what is read. */
  maxRows: z.number(),
  maxBytes: z.number(),
});

export const modelSignature = z.object({
  inputs: z.array(z.object({ name: z.string(), type: z.string(), required: z.boolean().optional() })),
  outputs: z.array(z.object({ name: z.string(), dtype: z.string(), shape: z.array(z.int()) })),
});

export const resultFile = z.union([
  z.object({
    metrics: z.record(z.string(), z.number()),
    /** Metrics at steps of the fit. */
    history: z.array(z.object({ key: z.string(), step: z.number().int(), value: z.number() })).default([]),
    facts: z.record(z.string(), z.string()),
    /** Names of files below `output/model/`. */
    files: z.array(z.string().regex(/^[\w.-]+$/)),
    /** Artifacts of the run: names of files below `output/`. */
    artifacts: z.array(z.string().regex(/^[\w.-]+(\/[\w.-]+)*$/)).default([]),
    signature: modelSignature,
  }),
  z.object({ error: z.object({ code: z.string(), detail: z.string() }) }),
]);

export const progressLine = z.object({
  step: z.number().int().min(0).optional(),
  of: z.number().int().positive().optional(),
  message: z.string().default(''),
});

export const PROGRESS = '::progress ';

/** Exit codes of recipes, as sysexits.h names them; any other but 0 is a failure that a retry may help. */
export const exitCodes = { done: 0, badParameters: 64, badData: 65, tryAgain: 75 } as const;

export type ParamsFile = z.infer<typeof paramsFile>;
export type DataFile = z.infer<typeof dataFile>;
export type ResultFile = z.infer<typeof resultFile>;
