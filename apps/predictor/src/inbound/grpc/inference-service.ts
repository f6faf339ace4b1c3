import { PlatformError } from '#runtime';
import type { ModelDirectory } from '../../core/model-directory.js';
import type { ModelReports } from '../../core/model-reports.js';
import type { Predict } from '../../core/predict.js';
import type { Replica } from '../../core/replica.js';
import { modelMetadata, serverMetadata, versionNumber } from '../../core/server-metadata.js';
import type { ServedVersion } from '../../core/serving-slot.js';
import { readInferRequest } from './infer-request.js';
import { writeInferResponse } from './infer-response.js';
import { outputNamesOf, tensorsOf } from './infer-tensors.js';
import { INFERENCE_SERVICE, messagesOf, type Message } from './protocol.js';
import type { UnaryCall, UnaryMethod } from './unary-call.js';

/** The methods of `inference.GRPCInferenceService`, on the same core as the HTTP surface. */
export class InferenceService {
  constructor(
    private readonly directory: ModelDirectory,
    private readonly predict: Predict,
    private readonly replica: Replica,
    private readonly reports: ModelReports,
  ) {}

  methods(): Record<string, UnaryMethod> {
    return {
      ModelInfer: (bytes, call) => this.infer(bytes, call),
      ServerLive: answering('ServerLive', () => ({ live: true })),
      ServerReady: answering('ServerReady', () => ({ ready: this.replica.notReady() === undefined })),
      ModelReady: answering('ModelReady', (asked, call) => ({ ready: this.isReady(asked, call) })),
      ServerMetadata: answering('ServerMetadata', () => serverMetadata),
      ModelMetadata: answering('ModelMetadata', (asked, call) => {
        const { promoted } = this.accept(asked, call);
        return modelMetadata(promoted, this.directory.versionsOf(promoted.model));
      }),
      ModelConfig: answering('ModelConfig', (asked, call) => ({
        config: this.reports.config(this.accept(asked, call)),
      })),
      ModelStatistics: answering('ModelStatistics', (asked, call) => ({
        model_stats:
          asked.name === '' ? this.reports.allStatistics() : [this.reports.statistics(this.accept(asked, call))],
      })),
      RepositoryIndex: answering('RepositoryIndex', ({ ready }) => ({ models: this.reports.index(ready === true) })),
      RepositoryModelLoad: refuseLoading,
      RepositoryModelUnload: refuseLoading,
    };
  }

  private async infer(bytes: Buffer, call: UnaryCall): Promise<Buffer> {
    const request = readInferRequest(bytes);
    const { modelName, modelVersion, id } = request;
    const served = this.predict.accept(() => this.accept({ name: modelName, version: modelVersion }, call));
    const { promoted, model } = served;
    const outputs = await this.predict.tensors(
      served,
      () => ({
        inputs: tensorsOf(request, promoted.signature.inputs),
        outputNames: outputNamesOf(request) ?? model.outputs.map(({ name }) => name),
      }),
      call,
    );
    return writeInferResponse({ modelName: promoted.model, modelVersion: String(promoted.version), id, outputs });
  }

  private accept({ name, version }: Message, call: UnaryCall): ServedVersion {
    const served = this.directory.accept(String(name), versionNumber(String(name), String(version)));
    call.answersFor(served.promoted);
    return served;
  }

  /** Asked whether, so the answer is yes or no, also where nothing is known. */
  private isReady(asked: Message, call: UnaryCall): boolean {
    try {
      this.accept(asked, call);
      return true;
    } catch (error) {
      if (error instanceof PlatformError && [404, 503].includes(error.traits.status)) return false;
      throw error;
    }
  }
}

/** A method whose messages are read and written as the .proto file says. */
const answering = (name: string, answer: (asked: Message, call: UnaryCall) => Message): UnaryMethod => {
  const { read, write } = messagesOf(INFERENCE_SERVICE, name);
  return (bytes, call) => write(answer(read(bytes), call));
};

const refuseLoading: UnaryMethod = () => {
  throw new PlatformError(
    'CONFLICT',
    'Which versions are loaded is controlled by promotions: promote or retire the model at the registry instead.',
  );
};
