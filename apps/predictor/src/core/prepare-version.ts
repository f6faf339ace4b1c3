import type { ModelPromoted } from '#contracts';
import { nodeBytesOf } from '#onnx';
import type { Clock } from '#runtime';
import type { FetchModel, FetchOptions } from './fetch-model.js';
import type { Measurements } from './measurements.js';
import { neededBytes, type MemoryBudget } from './memory-budget.js';
import type { LoadedModel } from './model-host.js';
import type { ProveVersion } from './prove-version.js';
import { stopIfUnwanted } from './step-failed.js';

/** Brings a promoted version to where it can be swapped in: room in memory → fetch → verify → load → warm-up. */
export class PrepareVersion {
  constructor(
    private readonly memory: MemoryBudget,
    private readonly fetch: FetchModel,
    private readonly prove: ProveVersion,
    private readonly measurements: Pick<Measurements, 'loaded'>,
    private readonly clock: Clock,
  ) {}

  /**
   * @returns a model that has answered once as its signature promises. Whoever gets it closes it.
   * @throws StepFailed with the step and a sentence for people; also when `options.signal` says that nobody waits any more.
   */
  async execute(promoted: ModelPromoted, options: FetchOptions): Promise<LoadedModel> {
    const startMs = this.clock.elapsed();
    const { sizeBytes } = promoted.artifact;
    // Asked before the bytes are fetched: they would be fetched in vain, again and again.
    let giveBack = await this.memory.reserve(neededBytes(sizeBytes), options.signal);
    try {
      const { bytes, kept } = await this.fetch.execute(promoted.artifact, options);
      try {
        stopIfUnwanted(options.signal, 'load');
        // Given back first: of two that hold some and wait for more, neither would ever get it.
        giveBack();
        giveBack = await this.memory.reserve(neededBytes(sizeBytes, nodeBytesOf(bytes)), options.signal);
        const again = () => this.fetch.again(promoted.artifact);
        const model = await this.prove.execute(promoted, bytes, again, options.signal);
        this.measurements.loaded(promoted, this.clock.elapsed() - startMs);
        return model;
      } catch (error) {
        await kept;
        throw error;
      }
    } finally {
      giveBack();
    }
  }
}
