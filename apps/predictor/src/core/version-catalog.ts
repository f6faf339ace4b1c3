import type { ModelPromoted } from '#contracts';

/** Who knows versions that were never promoted: the registry. */
export abstract class VersionCatalog {
  /**
   * All that is needed to serve one version, as a promotion would tell it; a version never changes.
   * @throws PlatformError REGISTRY_UNAVAILABLE, MODEL_NOT_FOUND, VERSION_NOT_FOUND, VERSION_NOT_SERVABLE
   */
  abstract describe(model: string, version: number): Promise<ModelPromoted>;
}
