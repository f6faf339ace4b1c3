import type { ModelSignature } from '#contracts';
import type { Asker } from '../model-host.js';
import type { Predict } from '../predict.js';
import type { ServedVersion } from '../serving-slot.js';
import { compileScoring, type ScoringEncoder } from './encode-scoring.js';
import { scoringShape } from './scoring-answer.js';
import type { ScoringRequest } from './scoring-input.js';

export interface ScoringAnswer {
  predictions: unknown;
  model_name: string;
  model_version: string;
}

/** Answers requests of MLflow's scoring protocol by the version under which they were accepted. */
export class Score {
  /** Compiled once per promotion, at the first request that needs it. */
  private readonly encoders = new WeakMap<ModelSignature, ScoringEncoder>();

  constructor(private readonly predict: Predict) {}

  /**
   * `read` reads the request, so that an unreadable one counts for this version.
   * @throws PlatformError INPUT_INVALID with what to send instead, WORKER_LOST
   */
  async execute(served: ServedVersion, read: () => ScoringRequest, asker?: Asker): Promise<ScoringAnswer> {
    const { model, version, signature } = served.promoted;
    // Of a request that can not be read no shape is known, but then there is no answer either.
    let shape = scoringShape(signature, false);
    const outputs = await this.predict.tensors(
      served,
      () => {
        const { input, isFrame } = read();
        shape = scoringShape(signature, isFrame);
        return { inputs: this.encoder(signature)(input), outputNames: shape.outputNames };
      },
      asker,
    );
    return { predictions: shape.predictions(outputs), model_name: model, model_version: String(version) };
  }

  private encoder(signature: ModelSignature): ScoringEncoder {
    const known = this.encoders.get(signature) ?? compileScoring(signature);
    this.encoders.set(signature, known);
    return known;
  }
}
