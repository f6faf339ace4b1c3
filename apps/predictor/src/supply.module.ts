import { join } from 'node:path';
import type { Provider } from '@nestjs/common';
import { Clock, type Logger, type Settings } from '#runtime';
import { construct } from '#runtime/nest';
import { Deployments } from './core/deployments.js';
import { FetchModel } from './core/fetch-model.js';
import { LastGoodCopies } from './core/last-good-copies.js';
import { Measurements } from './core/measurements.js';
import { MemoryBudget } from './core/memory-budget.js';
import { Memory } from './core/memory.js';
import { ModelDirectory } from './core/model-directory.js';
import { selecting } from './core/model-selection.js';
import { ModelSource } from './core/model-source.js';
import { keyOf, PinnedVersions } from './core/pinned-versions.js';
import { PrepareOnce } from './core/prepare-once.js';
import { PrepareVersion } from './core/prepare-version.js';
import { ProveVersion } from './core/prove-version.js';
import { SwapModel, type SwapParts } from './core/swap-model.js';
import { VersionCatalog } from './core/version-catalog.js';
import { DiskLastGoodCopies } from './outbound/disk-last-good-copies.js';
import { DiskModelFiles } from './outbound/disk-model-files.js';
import { RegistryCatalog } from './outbound/registry-catalog.client.js';
import { SystemMemory } from './outbound/system-memory.js';
import { pinsOf, type PredictorIdentity } from './predictor.config.js';

/** Where bytes come from that are not in these files yet. */
export type SourceBeside = (files: DiskModelFiles) => ModelSource;

interface SupplyParts {
  settings: Settings;
  logger: Logger;
  source: SourceBeside;
}

/** Which models and versions are served here, and where their bytes come from. */
export const supplyProviders = ({ settings, logger, source }: SupplyParts, identity: PredictorIdentity): Provider[] => {
  const options = { predictorId: identity.id, backoffMs: settings.PREDICTOR_RETRY_BACKOFF_MS };
  const cacheDir = settings.PREDICTOR_CACHE_DIR;
  return [
    { provide: DiskModelFiles, useFactory: () => new DiskModelFiles(cacheDir, logger) },
    {
      provide: LastGoodCopies,
      inject: [DiskModelFiles],
      useFactory: (files: DiskModelFiles) =>
        new DiskLastGoodCopies(files, logger, { folder: join(cacheDir, 'models'), keyOf: ({ model }) => model }),
    },
    { provide: Memory, useFactory: () => new SystemMemory() },
    construct(MemoryBudget, Memory),
    { provide: ModelSource, inject: [DiskModelFiles], useFactory: source },
    {
      provide: FetchModel,
      inject: [ModelSource, DiskModelFiles],
      useFactory: (source: ModelSource, files: DiskModelFiles) =>
        new FetchModel(source, files, logger, { ...options, downloads: settings.PREDICTOR_DOWNLOADS }),
    },
    construct(PrepareVersion, MemoryBudget, FetchModel, ProveVersion, Measurements, Clock),
    {
      provide: PrepareOnce,
      inject: [PrepareVersion],
      useFactory: (prepare: PrepareVersion) => {
        const pinned = new Set(pinsOf(settings).map(keyOf));
        return new PrepareOnce(prepare, (version) => pinned.has(keyOf(version)));
      },
    },
    { provide: VersionCatalog, useFactory: () => new RegistryCatalog(settings.REGISTRY_URL) },
    {
      provide: PinnedVersions,
      inject: [PrepareOnce, DiskModelFiles, VersionCatalog, Measurements, Clock],
      useFactory: (
        prepare: PrepareOnce,
        files: DiskModelFiles,
        catalog: VersionCatalog,
        measurements: Measurements,
        clock: Clock,
      ) => {
        const copies = new DiskLastGoodCopies(files, logger, { folder: join(cacheDir, 'pinned'), keyOf });
        const parts = { ...silently(measurements), prepare, copies, clock, logger };
        return new PinnedVersions(
          pinsOf(settings),
          (pin) => new SwapModel(pin.model, parts, { ...options, owner: keyOf(pin) }),
          copies,
          catalog,
          logger,
          options.backoffMs,
        );
      },
    },
    {
      provide: ModelDirectory,
      inject: [PrepareOnce, LastGoodCopies, PinnedVersions, Deployments, Measurements, Clock],
      useFactory: (
        prepare: PrepareOnce,
        copies: LastGoodCopies,
        pins: PinnedVersions,
        deployments: Deployments,
        measurements: Measurements,
        clock: Clock,
      ) => {
        const parts: SwapParts = { prepare, copies, deployments, measurements, clock, logger };
        return new ModelDirectory((name) => new SwapModel(name, parts, options), copies, pins, clock, logger, {
          defaultModel: settings.PREDICTOR_DEFAULT_MODEL,
          selects: selecting({ names: settings.PREDICTOR_MODELS, tags: settings.PREDICTOR_MODEL_TAGS }),
        });
      },
    },
  ];
};

/** What the fleet and the gauges say of a model is said of its promoted version: a pinned one is no concern of theirs. */
const silently = (measurements: Measurements): Pick<SwapParts, 'deployments' | 'measurements'> => ({
  deployments: { changed: () => undefined, leave: () => Promise.resolve() },
  measurements: {
    generations: () => undefined,
    swapped: () => undefined,
    failed: (model, step) => {
      measurements.failed(model, step);
    },
    ran: (which, run) => {
      measurements.ran(which, run);
    },
  },
});
