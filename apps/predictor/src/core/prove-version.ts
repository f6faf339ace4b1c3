import type { ModelPromoted } from '#contracts';
import type { Tensor } from '#onnx';
import type { Clock, Logger } from '#runtime';
import { proveBatches } from './batch-proof.js';
import { Batcher } from './batcher.js';
import { refusalOf, type CrashMarks } from './crash-marks.js';
import type { LastGoodCopies } from './last-good-copies.js';
import type { HostedModel, LoadedModel, ModelHost } from './model-host.js';
import { exampleInputs } from './example-inputs.js';
import { limitsOf, type LimitSettings } from './serving-limits.js';
import { at, StepFailed, stopIfUnwanted } from './step-failed.js';
import { TogetherOrAlone } from './together-or-alone.js';
import { answerFault, graphFault, warmUpInputs } from './warm-up.js';

/** Makes a model of a version's bytes that has shown that it answers: load → signature → warm-up → rows together as alone. */
export class ProveVersion {
  private readonly loads = new TogetherOrAlone();

  constructor(
    private readonly host: ModelHost,
    private readonly marks: CrashMarks,
    private readonly copies: LastGoodCopies,
    private readonly limits: LimitSettings,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /**
   * @param bytes are taken over.
   * @param again gives them once more.
   * @returns a model that has answered as its signature promises. Whoever gets it closes it.
   * @throws StepFailed at `load` or `warm-up`; also when `signal` says that nobody waits any more.
   */
  async execute(
    promoted: ModelPromoted,
    bytes: Uint8Array,
    again: () => Promise<Uint8Array | undefined>,
    signal: AbortSignal,
  ): Promise<LoadedModel> {
    await this.refuseWhatCrashed(promoted);
    let end: (() => Promise<void>) | undefined;
    try {
      const hosted = await at('load', () =>
        this.host.load(bytes, again, async () => {
          end = await this.mark(promoted);
          stopIfUnwanted(signal, 'load');
        }),
      );
      return await this.proveOrClose(promoted, hosted, signal);
    } finally {
      await end?.();
    }
  }

  /** Only what is being opened and tried is marked, not what waits; what is under suspicion is marked alone, so that it shows itself. */
  private async mark(promoted: ModelPromoted): Promise<() => Promise<void>> {
    const leave = await this.loads.enter((await this.marks.of(promoted.artifact.sha256)) !== undefined);
    await this.marks.begin(promoted);
    return () => this.marks.end(promoted).finally(leave);
  }

  private async proveOrClose(promoted: ModelPromoted, hosted: HostedModel, signal: AbortSignal): Promise<LoadedModel> {
    try {
      return await this.prove(promoted, hosted, signal);
    } catch (error) {
      await hosted.close().catch((fault: unknown) => {
        this.logger.warn('A model that failed its checks did not close.', { error: fault });
      });
      throw error;
    }
  }

  private async refuseWhatCrashed(promoted: ModelPromoted): Promise<void> {
    const { sha256 } = promoted.artifact;
    const mark = await this.marks.of(sha256);
    if (mark === undefined) return;
    const served = (await this.copies.all()).some(({ artifact }) => artifact.sha256 === sha256);
    const refusal = refusalOf(mark, promoted, { served, nowMs: this.clock.now() });
    if (refusal !== undefined) throw new StepFailed('load', refusal);
  }

  private async prove(promoted: ModelPromoted, hosted: HostedModel, signal: AbortSignal): Promise<LoadedModel> {
    const { signature, model } = promoted;
    const graph = graphFault(signature, hosted);
    if (graph !== undefined) throw new StepFailed('load', graph);
    stopIfUnwanted(signal, 'warm-up');
    const outputNames = signature.outputs.map(({ name }) => name);
    const example = (): Tensor[] => exampleInputs(promoted) ?? warmUpInputs(signature);
    const [lane] = hosted.lanes;
    const { outputs } = await at('warm-up', () => lane.run(example(), outputNames));
    const fault = answerFault(signature, outputs);
    if (fault !== undefined) throw new StepFailed('warm-up', fault);
    const limits = limitsOf(model, this.limits);
    // Whoever asks may ask for all that the graph answers, promised or not.
    const all = hosted.outputs.map(({ name }) => name);
    const trial = { model: hosted, lane, example, outputNames: all, maxRows: limits.maxBatch };
    const proof = await at('warm-up', () => proveBatches(trial));
    hosted.settle(proof);
    return new Batcher(hosted, {
      name: model,
      provenRows: proof.rows,
      limits,
    });
  }
}
