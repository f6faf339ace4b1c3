import type { ModelPromoted } from '#contracts';
import { PlatformError } from '#runtime';
import type { ModelDirectory } from '../../core/model-directory.js';
import type { Predict } from '../../core/predict.js';
import type { Replica } from '../../core/replica.js';
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
  ) {}

  methods(): Record<string, UnaryMethod> {
    return {
      ModelInfer: (bytes, call) => this.infer(bytes, call),
      ServerLive: answering('ServerLive', () => ({ live: true })),
      ServerReady: answering('ServerReady', () => ({ ready: this.replica.notReady() === undefined })),
      ModelReady: answering('ModelReady', (asked, call) => ({ ready: this.isReady(asked, call) })),
      ServerMetadata: answering('ServerMetadata', () => serverMetadata),
      ModelMetadata: answering('ModelMetadata', (asked, call) => metadataOf(this.accept(asked, call))),
      RepositoryModelLoad: refuseLoading,
      RepositoryModelUnload: refuseLoading,
    };
  }

  private async infer(bytes: Buffer, call: UnaryCall): Promise<Buffer> {
    const request = readInferRequest(bytes);
    const { modelName, modelVersion, id } = request;
    const served = this.accept({ name: modelName, version: modelVersion }, call);
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

const serverMetadata = { name: 'baton-predictor', version: '0.1.0', extensions: [] };

const metadataOf = ({ promoted }: { promoted: ModelPromoted }): Message => {
  const { inputs, outputs } = promoted.signature;
  return { name: promoted.model, versions: [String(promoted.version)], platform: 'onnx_onnxv1', inputs, outputs };
};

const refuseLoading: UnaryMethod = () => {
  throw new PlatformError(
    'CONFLICT',
    'Loading and unloading is controlled by promotions: promote a version in the registry, or retire the model.',
  );
};

/** Undefined for the promoted one. */
const versionNumber = (name: string, text: string): number | undefined => {
  if (text === '') return undefined;
  const version = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(version) && version > 0) return version;
  throw new PlatformError('VERSION_NOT_FOUND', `"${name}" has no version "${text}"; versions are counted from 1.`);
};
