import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import type { Datatype, TensorSpec } from '#contracts';
import { PlatformError, messageOf } from '#runtime';
import { checkInputs, checkOutputNames } from '../check-tensors.js';
import { readOperators } from '../operators.js';
import { readModel } from '../read-model.js';
import { isRowWise } from '../row-wise.js';
import { signatureOf } from '../signature.js';
import type { Tensor } from '../tensor.js';
import { onnxruntime } from './onnxruntime.js';

/** A loaded model on the current thread. Loading and running block this thread: servers use `SessionThread` instead. */
export interface OnnxSession {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  /** Every row of the outputs depends on the same row of the inputs alone, by what the operators are. */
  readonly isRowWise: boolean;
  /**
   * Runs the model. The inputs are read before the promise settles and must not be changed until then.
   * @param outputNames the outputs wanted, in this order; all when absent.
   * @throws PlatformError INPUT_INVALID naming the tensor, or with the runtime's words when the model itself refuses the input.
   */
  run(inputs: readonly Tensor[], outputNames?: readonly string[]): Promise<Tensor[]>;
  /** Frees the model's memory, after the runs that have begun. Nothing else frees it: the collector does not see native memory. */
  release(): Promise<void>;
}

const runtimeTypes = {
  BOOL: 'bool',
  UINT8: 'uint8',
  UINT16: 'uint16',
  UINT32: 'uint32',
  UINT64: 'uint64',
  INT8: 'int8',
  INT16: 'int16',
  INT32: 'int32',
  INT64: 'int64',
  FP16: 'float16',
  FP32: 'float32',
  FP64: 'float64',
  BYTES: 'string',
} as const satisfies Record<Datatype, OrtTensor.Type>;

const datatypes = new Map<string, Datatype>(
  (Object.entries(runtimeTypes) as [Datatype, string][]).map(([datatype, type]) => [type, datatype]),
);

/**
 * One thread a session, which does not spin while it waits: 0.36 against 0.99 CPU, and steadier latencies on busy cores. What fails is
 * thrown; the runtime's own lines on stderr (severity below fatal) would only let a bad request fill the log.
 */
const sessionOptions: InferenceSession.SessionOptions = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  logSeverityLevel: 4,
  extra: { session: { intra_op: { allow_spinning: '0' } } },
};

/**
 * Makes a session of an ONNX file, after the file was read and found within the limits.
 * @throws PlatformError MODEL_FILE_INVALID naming what is wrong.
 */
export const openSession = async (bytes: Uint8Array): Promise<OnnxSession> => {
  const summary = readModel(bytes);
  // With paths in the file the runtime would read whatever lies there on this machine.
  if (summary.externalData)
    throw new PlatformError(
      'MODEL_FILE_INVALID',
      'The ONNX file keeps weights in separate files; save it as one file.',
    );
  const { inputs, outputs } = signatureOf(summary);
  try {
    const session = await onnxruntime().InferenceSession.create(bytes, sessionOptions);
    return new NativeSession(session, inputs, outputs, isRowWise(readOperators(bytes)));
  } catch (error) {
    throw new PlatformError('MODEL_FILE_INVALID', `onnxruntime refuses the file: ${messageOf(error)}`, error);
  }
};

class NativeSession implements OnnxSession {
  private running = 0;
  private idle: (() => void) | undefined;
  private released: Promise<void> | undefined;

  constructor(
    private readonly session: InferenceSession,
    readonly inputs: readonly TensorSpec[],
    readonly outputs: readonly TensorSpec[],
    readonly isRowWise: boolean,
  ) {}

  async run(inputs: readonly Tensor[], outputNames?: readonly string[]): Promise<Tensor[]> {
    if (this.released !== undefined) throw new PlatformError('MODEL_NOT_READY', 'The model has been unloaded.');
    checkInputs(inputs, this.inputs);
    const names = outputNames ?? this.outputs.map(({ name }) => name);
    checkOutputNames(names, this.outputs);
    const feeds = Object.fromEntries(inputs.map((tensor) => [tensor.name, toRuntime(tensor)]));
    const answer = await this.tracked(this.session.run(feeds, [...names]));
    return names.map((name) => fromRuntime(name, answer[name]));
  }

  /** Releasing in the same tick as a run rejects that run, so `release` waits for all that have begun. */
  private async tracked<T>(run: Promise<T>): Promise<T> {
    this.running += 1;
    try {
      return await run;
    } catch (error) {
      throw new PlatformError('INPUT_INVALID', `The model can't work on this input: ${messageOf(error)}`, error);
    } finally {
      this.running -= 1;
      if (this.running === 0) this.idle?.();
    }
  }

  release(): Promise<void> {
    this.released ??= this.ended().then(() => this.session.release());
    return this.released;
  }

  private async ended(): Promise<void> {
    if (this.running > 0) await new Promise<void>((idle) => (this.idle = idle));
  }
}

const toRuntime = ({ datatype, data, shape }: Tensor): OrtTensor =>
  new (onnxruntime().Tensor)(runtimeTypes[datatype], data, shape);

const fromRuntime = (name: string, value: OrtTensor): Tensor => {
  const datatype = datatypes.get(value.type);
  if (datatype === undefined)
    throw new PlatformError('MODEL_FILE_INVALID', `Output "${name}" is ${value.type}, which can't be served.`);
  return { name, datatype, shape: [...value.dims], data: value.data };
};
