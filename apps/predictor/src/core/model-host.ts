import type { TensorSpec } from '#contracts';
import type { Tensor } from '#onnx';

/** Who waits for an answer; one that hung up is dropped from the queue. A response of Node's, or its socket, is one. */
export interface Asker {
  readonly destroyed: boolean;
}

/** A model in memory that can be run. Runs may overlap; `close` waits for those that were begun. */
export interface LoadedModel {
  /** Inputs and outputs as the graph itself names them. */
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  /** Settles only when the model died unasked; never after `close`. */
  readonly lost: Promise<Error>;
  /** @throws PlatformError INPUT_INVALID when the model can't work on this input, WORKER_LOST when it died meanwhile. */
  run(inputs: readonly Tensor[], outputNames?: readonly string[], asker?: Asker): Promise<Tensor[]>;
  close(): Promise<void>;
}

/** Loads models off the thread that holds the sockets. */
export abstract class ModelHost {
  /** Takes the bytes over: the caller must not use them afterwards. */
  abstract load(bytes: Uint8Array): Promise<LoadedModel>;
  /** Ends what waits for the next load. Loaded models are closed by those who hold them. */
  abstract close(): Promise<void>;
}
