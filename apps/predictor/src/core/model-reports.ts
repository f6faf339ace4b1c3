import { modelConfig } from './model-config.js';
import { modelStatistics, type ModelStatistics } from './model-statistics.js';
import type { Measurements } from './measurements.js';
import type { ModelDirectory } from './model-directory.js';
import { mostLanes } from './placement.js';
import { repositoryIndex, type IndexRow } from './repository-index.js';
import type { ServedVersion } from './serving-slot.js';

/** What operators and their tools ask about the models here, the same over HTTP and gRPC. */
export class ModelReports {
  constructor(
    private readonly directory: ModelDirectory,
    private readonly measurements: Measurements,
    private readonly settings: { workers: number },
  ) {}

  /** Triton's model configuration of a version that serves. */
  config({ promoted, model: { batchRows } }: ServedVersion): object {
    return modelConfig(promoted, { batchRows, lanes: mostLanes(promoted.artifact.sizeBytes, this.settings.workers) });
  }

  /** Triton's statistics of one version. */
  statistics({ promoted: { model, version } }: ServedVersion): ModelStatistics {
    return modelStatistics(model, version, this.measurements.figuresOf(model, version));
  }

  /** The same of every version that may be asked for. */
  allStatistics(): ModelStatistics[] {
    return this.directory
      .names()
      .flatMap((name) =>
        this.directory
          .versionsOf(name)
          .map((version) => modelStatistics(name, version, this.measurements.figuresOf(name, version))),
      );
  }

  /** Every version that answers or should; only those that answer when `readyOnly`. */
  index(readyOnly: boolean): IndexRow[] {
    const promoted = new Map(this.directory.models().map((swap) => [swap.name, swap]));
    const pins = this.directory.pinStates();
    const models = this.directory.names().map((name) => {
      const swap = promoted.get(name);
      return {
        name,
        target: swap?.target,
        serving: this.directory.versionsOf(name),
        ...(swap && { state: swap.state() }),
        pinned: pins.filter(({ model }) => model === name),
      };
    });
    return repositoryIndex(models, readyOnly);
  }
}
