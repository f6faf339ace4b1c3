import type { ModelRegistered } from '#contracts';
import { PlatformError, type Clock } from '#runtime';
import type { RegistrationAnnouncements } from './announcements.js';
import type { FreezeModel } from './freeze-model.js';
import type { Tag } from './paging.js';
import type { Frozen, ModelVersion, ModelVersions } from './registered-models.js';
import { PROMOTE_TAG, REQUEST_TAG, withRequestTag } from './runs.js';
import { withServableTags } from './servable-tags.js';
import type { Provenance, SourceResolver } from './source-resolver.js';
import { toldMetrics } from './told-metrics.js';
import { requestIdFor, type Attempt } from './training-attempts.js';
import type { Transactions } from './transactions.js';

export interface RegistrationWish extends Provenance {
  runLink?: string;
  description?: string;
  /** Who asks is an attempt at a training request: the version is that request's. */
  attempt?: Attempt;
}

/**
 * Makes a version of a registered model, frozen before it exists, and says so (`model.registered`) in the transaction
 * that makes it; a prompt is neither frozen nor announced. The tag `baton.requestId` ties it to its training request: the same request gets the same version.
 */
export class RegisterVersion {
  constructor(
    private readonly transactions: Transactions,
    private readonly versions: ModelVersions,
    private readonly sources: SourceResolver,
    private readonly freeze: FreezeModel,
    private readonly announcements: RegistrationAnnouncements,
    private readonly clock: Clock,
  ) {}

  /** @throws PlatformError MODEL_NOT_FOUND, NOT_FOUND (run, logged model), REQUEST_INVALID (source), CONFLICT (request id), ATTEMPT_SUPERSEDED. */
  async execute(wish: RegistrationWish): Promise<ModelVersion> {
    const { attempt } = wish;
    const requestId = requestIdFor(attempt, tagOf(wish.tags, REQUEST_TAG)) ?? null;
    if (requestId !== null && !UUID.test(requestId))
      throw new PlatformError(
        'REQUEST_INVALID',
        `Invalid value "${requestId}" for tag '${REQUEST_TAG}': it must be a UUID.`,
      );
    const made = await this.alreadyMade(wish.name, requestId);
    if (made !== undefined) return made;
    const place = await this.sources.resolve(wish);
    const frozen: Frozen = place.prompt
      ? { servable: false, reason: 'it is a prompt' }
      : (place.frozen ?? (await this.freeze.execute(place.storageLocation)));
    return this.transactions.run(async () => {
      const version = await this.versions.create({
        name: wish.name,
        description: wish.description ?? '',
        source: place.source,
        storageLocation: place.storageLocation,
        runId: wish.runId || (place.runId ?? null),
        runLink: wish.runLink ?? null,
        modelId: wish.modelId || (place.modelId ?? null),
        origin: requestId === null ? 'client' : 'training-request',
        promote: (tagOf(wish.tags, PROMOTE_TAG) ?? attempt?.promote) === 'never' ? 'never' : 'policy',
        requestId,
        attempt,
        frozen,
        tags: place.prompt ? wish.tags : withServableTags(withRequestTag(wish.tags, requestId), frozen),
      });
      // A twin of this request may have been faster: then `create` gave back the version it made, already said.
      if (version.frozen !== frozen || place.prompt) return version;
      if (wish.modelId) await this.sources.noteVersion(wish.modelId, version.name, version.version);
      await this.announcements.registered(await this.eventOf(version));
      return version;
    });
  }

  private async alreadyMade(name: string, requestId: string | null): Promise<ModelVersion | undefined> {
    const made = requestId === null ? undefined : await this.versions.findByRequest(requestId);
    if (made !== undefined && made.name !== name)
      throw new PlatformError(
        'CONFLICT',
        `Training request ${String(requestId)} made version ${String(made.version)} of ${made.name}.`,
      );
    return made;
  }

  private async eventOf(version: ModelVersion): Promise<ModelRegistered> {
    const { frozen } = version;
    return {
      model: version.name,
      version: version.version,
      runId: version.runId,
      source: version.source,
      origin: version.origin,
      ...(version.requestId !== null && { requestId: version.requestId }),
      promote: version.promote,
      servable: frozen.servable,
      ...(frozen.servable
        ? { artifact: frozen.artifact, signature: frozen.signature }
        : { notServableReason: frozen.reason, ...(frozen.flavors && { flavors: frozen.flavors }) }),
      metrics: toldMetrics(await this.versions.metricsOf(version.name, version.version)),
      registeredAt: this.clock.iso(),
    };
  }
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const tagOf = (tags: Tag[], key: string): string | undefined => tags.findLast((tag) => tag.key === key)?.value;
