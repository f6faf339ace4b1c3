import type { ModelPromoted } from '#contracts';
import type { Logger } from '#runtime';
import type { FetchModel, FetchOptions } from './fetch-model.js';
import type { MemoryBudget } from './memory-budget.js';
import type { LoadedModel, ModelHost } from './model-host.js';
import { at, StepFailed, stopIfUnwanted } from './step-failed.js';
import { answerFault, graphFault, warmUpInputs } from './warm-up.js';

/** Brings a promoted version to where it can be swapped in: room in memory → fetch → verify → load → warm-up. */
export class PrepareVersion {
  constructor(
    private readonly memory: MemoryBudget,
    private readonly fetch: FetchModel,
    private readonly host: ModelHost,
    private readonly logger: Logger,
  ) {}

  /**
   * @returns a model that has answered once as its signature promises. Whoever gets it closes it.
   * @throws StepFailed with the step and a sentence for people; also when `options.signal` says that nobody waits any more.
   */
  async execute(promoted: ModelPromoted, options: FetchOptions): Promise<LoadedModel> {
    // Asked before the bytes are fetched: they would be fetched in vain, again and again.
    const giveBack = await this.memory.reserve(promoted.artifact.sizeBytes, options.signal);
    try {
      const { bytes, kept } = await this.fetch.execute(promoted.artifact, options);
      try {
        return await this.load(promoted, bytes, options.signal);
      } catch (error) {
        await kept;
        throw error;
      }
    } finally {
      giveBack();
    }
  }

  private async load(promoted: ModelPromoted, bytes: Uint8Array, signal: AbortSignal): Promise<LoadedModel> {
    stopIfUnwanted(signal, 'load');
    const model = await at('load', () => this.host.load(bytes));
    try {
      const graph = graphFault(promoted.signature, model);
      if (graph !== undefined) throw new StepFailed('load', graph);
      stopIfUnwanted(signal, 'warm-up');
      const names = promoted.signature.outputs.map(({ name }) => name);
      const answer = await at('warm-up', () => model.run(warmUpInputs(promoted.signature), names));
      const fault = answerFault(promoted.signature, answer);
      if (fault !== undefined) throw new StepFailed('warm-up', fault);
      return model;
    } catch (error) {
      await model.close().catch((fault: unknown) => {
        this.logger.warn('A model that failed its checks did not close.', { error: fault });
      });
      throw error;
    }
  }
}
