import { z } from 'zod';
import { modelDeployed } from '../events/model-deployed.js';

/** `GET /api/v1/fleet`: the last word of every replica on every model; `lost` when unheard for 30 s. */
export const fleetEntry = modelDeployed.extend({ lost: z.boolean() });
export const fleetView = z.object({ replicas: z.array(fleetEntry) });

export type FleetView = z.infer<typeof fleetView>;
