import { z } from 'zod';
import { modelName } from '../model-ref.js';
import { ofSendableSize } from '../sendable.js';
import { storable } from '../storable.js';

/** Where the rows come from. Formats are told by the first bytes. */
export const datasetRequest = z.strictObject({
  uri: z.string().min(1).meta({
    description:
      '`iris` or `builtin:iris`, `file:…` below the configured root, `https:…`, `http:…`, `s3://bucket/key`.',
  }),
  target: z.string().min(1).optional().meta({ description: 'Column to predict; the last one when absent.' }),
  features: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .meta({ description: 'Columns to learn from; all but the target when absent.' }),
  drop: z.array(z.string().min(1)).optional().meta({ description: 'Columns to leave out.' }),
  types: z
    .record(z.string().min(1), z.enum(['number', 'category']))
    .optional()
    .meta({
      description: 'What columns are, where their cells say otherwise: codes in digits are a `category`.',
    }),
  testShare: z
    .number()
    .gt(0)
    .lt(1)
    .optional()
    .meta({ description: 'Share of the rows held out for the metrics; 0.25 when absent.' }),
  stratify: z
    .boolean()
    .optional()
    .meta({ description: 'Each class keeps its share on both sides of the split; true when absent.' }),
  folds: z
    .int()
    .min(2)
    .max(100)
    .optional()
    .meta({ description: 'Cross-validates over so many parts of the training rows as well.' }),
});

/** Strict on purpose: a misspelt field would otherwise train with a default that nobody asked for. */
export const trainingRequested = z
  .strictObject({
    model: modelName,
    recipe: z.string().min(1).max(100).optional().meta({
      description: 'Id of a recipe the trainer has, such as `random-forest`; absent: that of the preset.',
    }),
    parameters: z
      .record(z.string(), z.json())
      .default({})
      .meta({ description: 'Parameters of the recipe; an unknown one is refused.' }),
    experiment: z
      .string()
      .min(1)
      .max(500)
      .optional()
      .meta({ description: 'MLflow experiment of the run; the model name when absent.' }),
    dataset: datasetRequest.optional().meta({ description: 'The bundled iris data set when absent.' }),
    promote: z
      .enum(['policy', 'never'])
      .default('policy')
      .meta({ description: 'May ask for less than the promotion policy, never for more.' }),
    register: z.boolean().default(true).meta({ description: 'False: only a run, no model version.' }),
    tags: z
      .record(z.string().min(1).max(250), z.string().max(5000))
      .default({})
      .meta({ description: 'Tags of the run.' }),
    gitCommit: z
      .string()
      .regex(/^[0-9a-f]{7,64}$/i, 'must be the hash of a commit')
      .optional()
      .meta({ description: 'Commit of the code that asks, noted on the run (`mlflow.source.git.commit`).' }),
    preset: z.string().min(1).max(250).optional().meta({
      description:
        'Name of a preset of the model (recipe, parameters, data set); what is given here wins. Without recipe and preset it is the current preset of the model.',
    }),
    priority: z
      .int()
      .min(-100)
      .max(100)
      .optional()
      .meta({ description: 'Higher is trained first; 0 when absent. Among equals models take turns.' }),
    onlyIfChanged: z.boolean().optional().meta({
      description:
        'Ends as `skipped` when recipe, parameters and the bytes of the data set are those of the last training of the model.',
    }),
  })
  .superRefine(storable)
  .superRefine(ofSendableSize);

export type TrainingRequested = z.infer<typeof trainingRequested>;
export type DatasetRequest = z.infer<typeof datasetRequest>;
