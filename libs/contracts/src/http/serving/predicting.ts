import { z } from 'zod';
import { modelSignature } from '../../model-ref.js';

/** One row: fields by the names of the model's columns, or by their short forms (`sepal_length` for `sepal length (cm)`). */
export const record = z.record(z.string(), z.union([z.number(), z.string(), z.boolean(), z.null()]));

const named = { model_name: z.string(), model_version: z.string() };

export const predictRequest = z.array(record).min(1);

export const predictAnswer = z.object({
  predictions: z.array(z.unknown()).meta({ description: 'One per record: a label or a number, as the model has it.' }),
  probabilities: z.array(z.unknown()).optional().meta({ description: 'With `?proba=true`: one list per record.' }),
  ...named,
});

/** The four forms of MLflow's scoring protocol; a body has exactly one of them. */
export const scoringRequest = z.union([
  z.object({
    dataframe_split: z.object({
      columns: z.array(z.string()).optional(),
      index: z.array(z.unknown()).optional(),
      data: z.array(z.array(z.unknown())),
    }),
  }),
  z.object({ dataframe_records: z.array(z.record(z.string(), z.unknown())) }),
  z.object({ instances: z.unknown() }),
  z.object({ inputs: z.unknown() }),
]);

export const scoringAnswer = z.object({
  predictions: z.unknown().meta({
    description:
      'As `mlflow models serve` answers for the flavor of the model: a value per row, a record per row, or outputs by their names.',
  }),
  ...named,
});

export const scoringError = z.object({ error_code: z.string(), message: z.string() });

export const welcome = z.object({ message: z.string(), models: z.array(z.string()) });

const place = z.object({ version: z.string(), generation: z.int() });
const status = z.enum(['serving', 'swapping', 'failed']);

export const servedModels = z.object({
  models: z.array(
    z.looseObject({ name: z.string(), version: z.string().nullable(), generation: z.int().nullable(), status }),
  ),
});

export const modelInfo = z.looseObject({
  model_name: z.string(),
  stage: z.string(),
  version: z.string(),
  run_id: z.string().nullable(),
  model_uri: z.string(),
  generation: z.int(),
  cause: z.string(),
  promoted_at: z.string(),
  promoted_by: z.string(),
  reason: z.string(),
  sha256: z.string(),
  size_bytes: z.int(),
  signature: modelSignature,
  predictor_id: z.string(),
  status,
  target: place.nullable(),
  failure: z.looseObject({ step: z.string().optional(), reason: z.string().optional() }).optional(),
  since: z.string(),
});

export const health = z.looseObject({ status: z.string() });
