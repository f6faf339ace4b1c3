import { z } from 'zod';
import { datatype, tensorSpec } from '../../model-ref.js';

/** Schemas of the Open Inference Protocol V2 over HTTP, for its description; what is read is checked by hand, for speed. */
const parameters = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).meta({
  description: 'For a tensor: `binary_data_size`, `binary_data`; for a request: `binary_data_output`.',
});
const shape = z.array(z.int().min(0)).meta({ description: 'Every dimension, row-major.' });

const tensorData = z.array(z.unknown()).meta({
  description:
    'Elements, flat or nested as the shape says. Left out when they follow the JSON in binary, as FP16 always does.',
});

export const inferTensor = z.object({ name: z.string(), shape, datatype, parameters: parameters.optional() });

export const inferInput = inferTensor.extend({ data: tensorData.optional() });
export const inferOutput = inferTensor.extend({ data: tensorData.optional() });

export const inferRequest = z.object({
  id: z.string().optional().meta({ description: 'Given back in the answer.' }),
  parameters: parameters.optional(),
  inputs: z.array(inferInput).min(1),
  outputs: z
    .array(z.object({ name: z.string(), parameters: parameters.optional() }))
    .optional()
    .meta({ description: 'Outputs that are wanted; all when absent.' }),
});

export const inferResponse = z.object({
  model_name: z.string(),
  model_version: z.string(),
  id: z.string().optional(),
  outputs: z.array(inferOutput),
});

export const oipError = z.object({ error: z.string() });

export const serverMetadata = z.object({ name: z.string(), version: z.string(), extensions: z.array(z.string()) });

export const modelMetadata = z.object({
  name: z.string(),
  versions: z.array(z.string()),
  platform: z.string(),
  inputs: z.array(tensorSpec),
  outputs: z.array(tensorSpec),
});

export const modelReady = z.object({ name: z.string(), ready: z.boolean() });

export const modelsList = z.object({ models: z.array(z.string()) });

export const repositoryIndex = z.array(
  z.object({ name: z.string(), version: z.string().optional(), state: z.string(), reason: z.string().optional() }),
);

const timed = z.object({ count: z.number(), ns: z.number() });

export const modelStatistics = z.object({
  model_stats: z.array(
    z.looseObject({
      name: z.string(),
      version: z.string(),
      last_inference: z.number(),
      inference_count: z.number(),
      execution_count: z.number(),
      inference_stats: z.record(z.string(), timed),
    }),
  ),
});

export const modelConfig = z.looseObject({ name: z.string(), platform: z.string(), max_batch_size: z.number() });
