import { z } from 'zod';
import { modelVersion } from '../model-ref.js';

const versionIn = z.union([
  modelVersion,
  z
    .string()
    .regex(/^[1-9]\d*$/)
    .transform(Number),
]);

/** `POST /api/v1/models/{name}/promotions` */
export const postPromotion = z.strictObject({ version: versionIn, reason: z.string().max(2000).default('') });

/** `POST /api/v1/models/{name}/rollback`; without `to`: the version promoted before the present one. */
export const postRollback = z.strictObject({ to: versionIn.optional(), reason: z.string().max(2000).default('') });

/** One line of `GET /api/v1/models/{name}/promotions`, newest first. `version` is null for a retirement. */
export const promotionView = z.object({
  model: z.string(),
  version: modelVersion.nullable(),
  previousVersion: modelVersion.nullable(),
  generation: z.int().positive(),
  cause: z.enum(['policy', 'request', 'rollback', 'stage', 'alias', 'retired']),
  promotedBy: z.string(),
  reason: z.string(),
  promotedAt: z.iso.datetime(),
});

/** `GET` and `PUT /api/v1/models/{name}/policy`. Unset, versions of training requests are promoted, others wait. */
export const promotionPolicy = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('always') }),
  z.strictObject({ kind: z.literal('manual') }),
  z.strictObject({
    kind: z.literal('gate'),
    metric: z.string().min(1),
    direction: z.enum(['higher', 'lower']).meta({ description: 'Which way is better.' }),
    minimum: z
      .number()
      .optional()
      .meta({ description: 'The worst value that is promoted (a ceiling when lower is better).' }),
    betterThanProduction: z.boolean().default(false),
  }),
]);

/** What `GET …/policy` answers: the policy that was set, or what applies while none is. */
export const promotionPolicyView = z.union([
  promotionPolicy,
  z.strictObject({
    kind: z.literal('default'),
    trainingRequests: z.strictObject({ kind: z.literal('always') }),
    clients: z.strictObject({ kind: z.literal('manual') }),
  }),
]);

export type PromotionPolicyView = z.infer<typeof promotionPolicyView>;
export type PromotionView = z.infer<typeof promotionView>;
export type PromotionPolicy = z.infer<typeof promotionPolicy>;
