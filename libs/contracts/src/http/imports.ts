import { z } from 'zod';
import { modelVersion } from '../model-ref.js';

/** Milliseconds since 1970, as MLflow has them. */
const ms = z.int();
const tags = z.array(z.object({ key: z.string(), value: z.string() })).default([]);
const lifecycle = z.enum(['active', 'deleted']).default('active');
/** JSON has no word for these. */
const double = z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity']).transform(Number)]);

/** One point of a metric's history. */
export const importedMetric = z.strictObject({
  key: z.string(),
  value: double,
  timestamp: ms,
  step: z.int(),
  modelId: z.string().optional(),
  datasetName: z.string().optional(),
  datasetDigest: z.string().optional(),
});

/** `PUT /api/v1/import/experiments/{id}`: the id it had; it gets another when that one is taken. */
export const importExperiment = z.strictObject({
  name: z.string().min(1),
  creationTime: ms,
  lastUpdateTime: ms,
  lifecycle,
  tags,
  above: z.int().min(0).default(0).meta({
    description: 'A new id is greater than this: the greatest of the source, so that none takes the id of another.',
  }),
});

/** `PUT /api/v1/import/runs/{id}`, with the experiment's id as it is here. */
export const importRun = z.strictObject({
  experimentId: z.string(),
  runName: z.string(),
  userId: z.string(),
  status: z.enum(['RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED']),
  startTime: ms,
  endTime: ms.nullable(),
  lifecycle,
  params: tags,
  tags,
  datasetInputs: z
    .array(
      z.strictObject({
        name: z.string(),
        digest: z.string(),
        sourceType: z.string(),
        source: z.string(),
        schema: z.string().optional(),
        profile: z.string().optional(),
        tags,
      }),
    )
    .default([]),
  modelInputs: z.array(z.string()).default([]),
  modelOutputs: z.array(z.strictObject({ modelId: z.string(), step: z.int() })).default([]),
});

/** `POST /api/v1/import/runs/{id}/metrics`: points that are there already are left as they are. */
export const importMetrics = z.strictObject({ metrics: z.array(importedMetric).max(10_000) });

/** `PUT /api/v1/import/logged-models/{id}` */
export const importLoggedModel = z.strictObject({
  experimentId: z.string(),
  name: z.string(),
  modelType: z.string().nullable(),
  sourceRunId: z.string().nullable(),
  status: z.enum(['LOGGED_MODEL_PENDING', 'LOGGED_MODEL_READY', 'LOGGED_MODEL_UPLOAD_FAILED']),
  statusMessage: z.string().nullable(),
  creationTime: ms,
  lastUpdateTime: ms,
  params: tags,
  tags,
});

/** `PUT /api/v1/import/models/{name}` */
export const importModel = z.strictObject({
  description: z.string().nullable(),
  creationTime: ms,
  lastUpdateTime: ms,
  tags,
});

/** `PUT /api/v1/import/models/{name}/versions/{n}`: frozen as any version; it promotes nothing, whatever its stage. */
export const importVersion = z.strictObject({
  description: z.string().nullable(),
  creationTime: ms,
  lastUpdateTime: ms,
  userId: z.string().nullable(),
  stage: z.enum(['None', 'Staging', 'Production', 'Archived']),
  status: z.enum(['PENDING_REGISTRATION', 'FAILED_REGISTRATION', 'READY']),
  statusMessage: z.string().nullable(),
  source: z.string(),
  storageLocation: z.string().meta({ description: 'Where its files lie here: `mlflow-artifacts:/…`.' }),
  runId: z.string().nullable(),
  runLink: z.string().nullable(),
  modelId: z.string().nullable(),
  tags,
  aliases: z.array(z.string()).default([]),
});

/** What each of them answers. */
export const importedExperiment = z.object({ experimentId: z.string(), artifactLocation: z.string() });
export const importedFiles = z.object({ artifactUri: z.string() });
export const importedVersion = z.object({
  version: modelVersion,
  servable: z.boolean(),
  notServableReason: z.string().nullable(),
});

export type ImportExperiment = z.infer<typeof importExperiment>;
export type ImportRun = z.infer<typeof importRun>;
export type ImportedMetric = z.infer<typeof importedMetric>;
export type ImportLoggedModel = z.infer<typeof importLoggedModel>;
export type ImportModel = z.infer<typeof importModel>;
export type ImportVersion = z.infer<typeof importVersion>;
export type ImportedExperiment = z.infer<typeof importedExperiment>;
export type ImportedFiles = z.infer<typeof importedFiles>;
export type ImportedVersion = z.infer<typeof importedVersion>;
