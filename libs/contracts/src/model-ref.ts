import { z } from 'zod';

/** Names of registered models: MLflow's rule (no `/` or `:`, not a path like `..`), and no control characters. */
export const modelName = z
  .string()
  .min(1)
  .max(256)
  .regex(/^[^/:\u0000-\u001f]+$/, 'must not contain "/", ":" or control characters')
  .refine((name) => name !== '.' && name !== '..', 'must not be "." or ".."')
  .meta({ description: 'Name of the registered model.', not: { enum: ['.', '..'] } });

/** Versions of a model are counted from 1 and never used twice. MLflow's API writes them as strings, events as numbers. */
export const modelVersion = z.int().positive();

/** The Open Inference Protocol's names of element types. */
export const datatype = z.enum([
  'BOOL',
  'UINT8',
  'UINT16',
  'UINT32',
  'UINT64',
  'INT8',
  'INT16',
  'INT32',
  'INT64',
  'FP16',
  'FP32',
  'FP64',
  'BYTES',
]);

/** One tensor of the graph; a dimension of -1 is free. */
export const tensorSpec = z.object({ name: z.string().min(1), datatype, shape: z.array(z.int().min(-1)) });

/** One column as MLflow's signature names it. */
export const columnSpec = z.object({
  name: z.string().min(1),
  type: z
    .string()
    .min(1)
    .meta({ description: "MLflow's column type: boolean, integer, long, float, double, string, …" }),
  required: z.boolean().default(true),
});

/** What MLflow's python_function flavor says of a logged model, as far as answers in MLflow's own protocol depend on it. */
export const pyfuncSpec = z.object({
  loader: z.string().min(1).meta({ description: 'Module that loads the model in Python, such as `mlflow.sklearn`.' }),
  predictFn: z.string().min(1).optional().meta({ description: 'Method that it calls, such as `predict_proba`.' }),
  tensors: z.boolean().optional().meta({ description: 'True when its signature is one of tensors, not of columns.' }),
});

/**
 * What goes in and out of a model: the graph's tensors and, where the model was logged with a column signature, the
 * columns in the order in which the (single) input tensor holds them.
 */
export const modelSignature = z.object({
  inputs: z.array(tensorSpec).min(1),
  outputs: z.array(tensorSpec).min(1),
  columns: z.array(columnSpec).optional(),
  pyfunc: pyfuncSpec.optional(),
});

/** A frozen ONNX file in the artifact store, addressed by its content. */
export const modelArtifact = z.object({
  key: z.string().min(1).meta({ description: 'Key in the artifact store, `sha256/<hex>`.' }),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  sizeBytes: z.int().positive(),
});

/** A few rows that the model can answer, as the run that logged it wrote them down. */
export const inputExample = z.record(z.string(), z.unknown()).meta({
  description:
    'MLflow\'s input example, when it is small: a body of `POST /invocations`, such as `{"dataframe_split": …}` or `{"inputs": …}`.',
});

export type InputExample = z.infer<typeof inputExample>;
export type Datatype = z.infer<typeof datatype>;
export type TensorSpec = z.infer<typeof tensorSpec>;
export type ColumnSpec = z.infer<typeof columnSpec>;
export type ModelSignature = z.infer<typeof modelSignature>;
export type PyfuncSpec = z.infer<typeof pyfuncSpec>;
export type ModelArtifact = z.infer<typeof modelArtifact>;
