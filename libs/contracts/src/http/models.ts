import { z } from 'zod';
import { inputExample, modelArtifact, modelName, modelSignature, modelVersion } from '../model-ref.js';
import { agreementView, pendingPromotion, promotionView } from './promotions.js';

/** One entry of `GET /api/v1/models`. */
export const modelView = z.object({
  name: z.string(),
  description: z.string().nullable(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  aliases: z.record(z.string(), modelVersion).meta({ description: 'Version of each alias.' }),
  promoted: z
    .object({ version: modelVersion.nullable(), generation: z.int().min(0) })
    .meta({ description: 'What predictors are told to serve; the generation counts promotions and goes on for ever.' }),
  pending: pendingPromotion.nullable().meta({ description: 'The promotion that waits for an ONNX file.' }),
  agreement: agreementView,
});

export const modelVersionView = z.object({
  version: modelVersion,
  stage: z.enum(['None', 'Staging', 'Production', 'Archived']),
  aliases: z.array(z.string()),
  runId: z.string().nullable(),
  source: z.string(),
  origin: z.enum(['training-request', 'client']),
  requestId: z.string().nullable().meta({ description: 'The training request that made it.' }),
  servable: z.boolean(),
  artifact: modelArtifact.optional().meta({ description: 'The frozen ONNX file, when servable.' }),
  signature: modelSignature.optional(),
  notServableReason: z.string().optional(),
  createdAt: z.iso.datetime(),
  policyDecision: z
    .object({ promoted: z.boolean(), outcome: z.string(), reason: z.string() })
    .nullable()
    .meta({ description: 'What the promotion policy made of it.' }),
});

/** `GET /api/v1/models/{name}/versions/{version}`: all that is needed to serve it. */
export const modelVersionDetail = modelVersionView.extend({ model: modelName, inputExample: inputExample.optional() });

/** `GET /api/v1/models`; `nextPageToken` is null on the last page. */
export const modelsPage = z.object({ models: z.array(modelView), nextPageToken: z.string().nullable() });

/** `GET /api/v1/models/{name}`: with its versions, the newest first. */
export const modelDetail = modelView.extend({ versions: z.array(modelVersionView) });

/** What `PUT …/servable` answers: the version as it is now, and the promotion that had waited for the file. */
export const servableAnswer = modelVersionView.extend({ model: z.string(), promotion: promotionView.nullable() });
