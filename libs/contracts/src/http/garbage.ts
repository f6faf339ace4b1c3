import { z } from 'zod';

const units = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000 } as const;
const age = /^(?=.)(?:(\d+(?:\.\d+)?)d)?(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s)?$/;

/** An age as `30d`, `8h`, `2d8h5m20s`, in milliseconds. */
export const ageText = z.string().transform((text, context): number => {
  const found = age.exec(text);
  if (found !== null)
    return Math.round(
      Object.values(units).reduce((sum, unit, i) => sum + Number((found[i + 1] as string | undefined) ?? 0) * unit, 0),
    );
  context.addIssue({
    code: 'custom',
    message: `must be an age such as 30d, 8h or 2d8h5m20s, not "${text}"`,
    input: text,
  });
  return z.NEVER;
});

const ids = z.array(z.string().min(1).max(256)).min(1).max(10_000);

/**
 * `POST /api/v1/gc`. Without `apply` nothing is changed. With ids only these things are looked at (an experiment with all
 * that is in it), and neither files without an owner nor frozen models nor uploads.
 */
export const postGarbage = z.strictObject({
  apply: z.boolean().default(false),
  olderThan: ageText.optional().meta({ description: 'Deleted at least this long ago, such as 30d.' }),
  runIds: ids.optional(),
  experimentIds: ids.optional(),
  loggedModelIds: ids.optional(),
});

const kind = z.enum(['run', 'logged-model', 'experiment', 'orphan', 'blob', 'upload']);

/** What went, or would go. */
export const garbageView = z.object({
  applied: z.boolean(),
  removed: z.array(z.object({ kind, id: z.string(), sizeBytes: z.int().nonnegative() })),
  kept: z.array(z.object({ kind, id: z.string(), reason: z.string() })),
  sizeBytes: z.int().nonnegative(),
});

export type GarbageView = z.infer<typeof garbageView>;
