import { z } from 'zod';
import { modelName, modelVersion } from '../model-ref.js';

const servedVersion = z.object({ version: modelVersion, generation: z.int().positive() });

/** What one replica serves (`active`), what it was told to serve (`target`), and why the two differ, if they do. */
export const modelDeployed = z.object({
  predictorId: z.string().min(1),
  model: modelName,
  state: z.enum(['serving', 'failed', 'unloaded']),
  active: servedVersion.nullable(),
  target: servedVersion.nullable(),
  step: z.enum(['fetch', 'verify', 'load', 'warm-up', 'swap']).optional().meta({ description: 'Where a load failed.' }),
  reason: z.string().max(2000).optional(),
  since: z.iso.datetime().meta({ description: 'When this state began.' }),
  at: z.iso.datetime().meta({ description: 'When this was said; restated every 10 s.' }),
  url: z.string().optional().meta({ description: 'Where this replica answers HTTP.' }),
  swapMs: z.number().min(0).optional().meta({ description: 'From hearing of the promotion to serving it.' }),
});

export type ModelDeployed = z.infer<typeof modelDeployed>;
