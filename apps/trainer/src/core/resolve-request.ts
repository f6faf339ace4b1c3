import type { TrainingRequested } from '#contracts';
import type { Job } from './job.js';
import type { LeaseGuard } from './lease-guard.js';
import type { Presets } from './presets.js';
import type { RecipeCatalogue } from './recipe-catalogue.js';
import { withPreset, type ResolvedRequest } from './resolved-request.js';
import { planOf, type TrainingPlan } from './training-plan.js';

/** Looks a preset up once for each request and keeps the answer with the job: a later attempt trains the same, whatever became of the preset. */
export class ResolveRequest {
  constructor(
    private readonly presets: Presets,
    private readonly catalogue: RecipeCatalogue,
  ) {}

  /** @throws PlatformError RECIPE_UNKNOWN, PARAMETER_INVALID. */
  plan(request: ResolvedRequest): TrainingPlan {
    return planOf(request, this.catalogue);
  }

  /** What the recipe declares. */
  memoryOf({ recipe }: ResolvedRequest): number | undefined {
    return this.catalogue.memoryOf(recipe);
  }

  /** @throws PlatformError PRESET_UNKNOWN, REQUEST_INVALID, REGISTRY_UNAVAILABLE. */
  async execute({ request }: Job, lease: LeaseGuard): Promise<ResolvedRequest> {
    const { resolved } = lease.checkpoint;
    if (resolved !== undefined) return resolved;
    if (isResolved(request) && request.preset === undefined) return request;
    const found = withPreset(request, await this.presets.find(request.model, request.preset));
    await lease.record({ resolved: found });
    return found;
  }
}

const isResolved = (request: TrainingRequested): request is ResolvedRequest => request.recipe !== undefined;
