import type { Tensor } from '#onnx';
import { PlatformError, type Clock } from '#runtime';
import { predictionOutput, probabilityOutput, rowValues } from './decode-outputs.js';
import type { RecordsBody } from './encode-records.js';
import type { Measurements } from './measurements.js';
import type { Asker } from './model-host.js';
import type { ServedVersion } from './serving-slot.js';

export interface PredictAnswer {
  predictions: unknown[];
  probabilities?: unknown[];
  model_name: string;
  model_version: string;
}

/** What a request for tensors says: what goes in, and which outputs it wants, in this order; all when absent. */
export interface AskedTensors {
  inputs: Tensor[];
  outputNames?: readonly string[];
}

/** Answers requests by the version under which they were accepted, and measures them. */
export class Predict {
  constructor(
    private readonly measurements: Measurements,
    private readonly clock: Clock,
  ) {}

  /** The version that `find` names; that there is none is counted. @throws PlatformError of `find` */
  accept(find: () => ServedVersion): ServedVersion {
    try {
      return find();
    } catch (error) {
      this.measurements.refused(error instanceof PlatformError ? error.code : 'INTERNAL');
      throw error;
    }
  }

  /**
   * Records in, one prediction per record out. `body` and `readProba` read the request, so that an unreadable one counts for this version.
   * @throws PlatformError INPUT_INVALID naming the row and the field, WORKER_LOST
   */
  records(served: ServedVersion, body: RecordsBody, readProba: () => boolean, asker?: Asker): Promise<PredictAnswer> {
    return this.measured(served, async () => {
      const { model, version, signature } = served.promoted;
      const proba = readProba();
      const names = signature.outputs.map(({ name }) => name);
      const label = predictionOutput(names);
      const asked = proba ? [...new Set([label, probabilityOutput(names)])] : [label];
      const outputs = await served.model.run(served.encodeRecords(body), asked, asker);
      return {
        predictions: rowValues(outputNamed(outputs, label)),
        ...(proba && { probabilities: rowValues(outputNamed(outputs, asked[asked.length - 1])) }),
        model_name: model,
        model_version: String(version),
      };
    });
  }

  /**
   * Tensors in, tensors out. `read` reads the request inside, so that a faulty one counts as one of this version.
   * @throws PlatformError INPUT_INVALID, WORKER_LOST
   */
  tensors(served: ServedVersion, read: () => AskedTensors, asker?: Asker): Promise<Tensor[]> {
    return this.measured(served, () => {
      const { inputs, outputNames } = read();
      return served.model.run(inputs, outputNames, asker);
    });
  }

  private async measured<T>(served: ServedVersion, work: () => Promise<T>): Promise<T> {
    const { promoted } = served;
    const startMs = this.clock.elapsed();
    const say = (outcome: string): void => {
      this.measurements.answered(promoted, outcome, this.clock.elapsed() - startMs);
    };
    try {
      const answer = await served.use(work);
      say('ok');
      return answer;
    } catch (error) {
      say(error instanceof PlatformError ? error.code : 'INTERNAL');
      throw error;
    }
  }
}

const outputNamed = (outputs: Tensor[], name: string): Tensor => {
  const found = outputs.find((output) => output.name === name);
  if (found === undefined) throw new PlatformError('INTERNAL', `The model did not answer "${name}".`);
  return found;
};
