import { z } from 'zod';
import { columnSpec, modelVersion } from '../model-ref.js';

const versionIn = z.union(
  [
    modelVersion,
    z
      .string()
      .regex(/^[1-9]\d*$/)
      .transform(Number),
  ],
  'must be the number of a version, such as 3',
);

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

/** `GET /api/v1/models/{name}/promotions`; `nextPageToken` is null on the last page. */
export const promotionsPage = z.object({ promotions: z.array(promotionView), nextPageToken: z.string().nullable() });

/** `GET /api/v1/models/{name}/promotions?at=…`: which version was in production then, and the line that had made it so. */
export const promotionAt = z.object({
  model: z.string(),
  at: z.iso.datetime(),
  version: modelVersion.nullable(),
  promotion: promotionView.nullable(),
});

/** A promotion that waits until an ONNX file is attached to its version (`PUT …/versions/{version}/servable`). */
export const pendingPromotion = z.object({
  version: modelVersion,
  since: z.iso.datetime(),
  why: z.string().meta({ description: 'Why the version can not be served yet.' }),
  cause: promotionView.shape.cause.exclude(['retired']),
  promotedBy: z.string(),
  reason: z.string(),
});

/** What `POST …/promotions` answers with 202. */
export const promotionPending = z.object({ model: z.string(), pending: pendingPromotion });

/** What `DELETE …/promotions` answers. */
export const retirement = z.object({
  model: z.string(),
  generation: z.int().min(0).meta({
    description: 'That of the tombstone; the old one (0 for none) when only a waiting promotion was dropped.',
  }),
});

/** Whether what is served and MLflow's labels name one version; `differs` says in a sentence where not. */
export const agreementView = z.object({
  pointer: modelVersion.nullable(),
  production: z.array(modelVersion).meta({ description: 'Versions in stage Production.' }),
  champion: modelVersion.nullable().meta({ description: 'The version that the alias champion names.' }),
  agree: z.boolean(),
  differs: z.string().nullable(),
});

const columnTypes = ['boolean', 'integer', 'long', 'float', 'double', 'string', 'binary', 'datetime'] as const;

/** What somebody names by hand is checked; what a client logged is taken as it is. */
const namedColumns = z
  .array(columnSpec.extend({ type: z.enum(columnTypes).meta({ description: "MLflow's column type." }) }))
  .min(1)
  .max(10_000)
  .superRefine((columns, context) => {
    const seen = new Set<string>();
    for (const [at, { name }] of columns.entries()) {
      if (seen.has(name))
        context.addIssue({ code: 'custom', path: [at, 'name'], message: `a column "${name}" is named already` });
      seen.add(name);
    }
  });

/**
 * `PUT /api/v1/models/{name}/versions/{version}/servable` as JSON: a file of the version's own directory. Sent as
 * `application/octet-stream` the body is the ONNX file itself, and `columns` may stand in the query as JSON.
 */
export const putServable = z.strictObject({
  path: z.string().min(1).max(1000),
  columns: namedColumns.optional(),
});

const stops = {
  signatureChanges: z
    .enum(['allow', 'refuse'])
    .default('allow')
    .meta({ description: 'Whether a version may be promoted whose signature is not that of the one in production.' }),
  stage: z
    .enum(['Production', 'Staging'])
    .default('Production')
    .meta({ description: 'How far the policy goes: `Staging` leaves the last step to a person.' }),
};

/** `GET` and `PUT /api/v1/models/{name}/policy`. Unset, versions of training requests are promoted, others wait. */
export const promotionPolicy = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('always'), ...stops }),
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
    ...stops,
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
/** A policy as one may write it: what has a default may be left out. */
export type GivenPromotionPolicy = z.input<typeof promotionPolicy>;
export type PromotionsPage = z.infer<typeof promotionsPage>;
export type PromotionAt = z.infer<typeof promotionAt>;
export type PendingPromotionView = z.infer<typeof pendingPromotion>;
export type PromotionPending = z.infer<typeof promotionPending>;
export type AgreementView = z.infer<typeof agreementView>;
