import type { TensorSpec } from '#contracts';
import type { Tensor } from '#onnx';
import type { Ran } from './version-figures.js';

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
  /** Requests that have no answer yet. */
  readonly pending: number;
  /** Rows that are run together at most; 1 when each request is run by itself. */
  readonly batchRows: number;
  /**
   * Takes the inputs' memory over: the caller must not touch it afterwards. Outputs may be views of a larger buffer.
   * @throws PlatformError INPUT_INVALID when the model can't work on this input, QUEUE_FULL, ANSWER_TIMED_OUT, CLIENT_GONE when `asker`
   *   hung up, WORKER_LOST when the model died meanwhile.
   */
  run(inputs: readonly Tensor[], outputNames?: readonly string[], asker?: Asker): Promise<Tensor[]>;
  /** From now on `listener` hears of every run. */
  observe(listener: (run: Ran) => void): void;
  /** Another version took its place: it answers those it has, and grows no more. */
  drain(): void;
  close(): Promise<void>;
}

/** Whether anybody still waits for what is being run. */
export interface Demand {
  readonly isWanted: boolean;
}

/** Where a model runs, one call at a time: a session on a thread. */
export interface Lane {
  /**
   * Takes the inputs' memory over. `tookMs` is what the session itself needed.
   * @param demand is looked at where a long run can be left off. @throws PlatformError CLIENT_GONE when it was.
   */
  run(
    inputs: readonly Tensor[],
    outputNames?: readonly string[],
    demand?: Demand,
  ): Promise<{ outputs: Tensor[]; tookMs: number }>;
}

/** What a model turned out to need; where it lives is decided by it. */
export interface Proof {
  /** Rows that may be run together; 1 when each request is run by itself. */
  readonly rows: number;
  /** What so many rows take. */
  readonly batchMs: number;
  /** Inputs that it answers, to warm up a lane before requests reach it. */
  readonly example: () => Tensor[];
}

/** A file that became a session. It begins with one lane, on which it is proven; from then on lanes come and go. */
export interface HostedModel {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  /** Every row of the outputs depends on the same row of the inputs alone, by what the operators of the graph are. */
  readonly isRowWise: boolean;
  /** Settles when the last lane was lost; never after `close`. */
  readonly lost: Promise<Error>;
  /** The lanes that take calls now, those to be preferred first. */
  readonly lanes: readonly Lane[];
  /** `listener` hears of every later change of `lanes`. */
  onLanes(listener: () => void): void;
  /** It is proven and answers requests: the model may move to where it belongs. Returns at once. */
  settle(proof: Proof): void;
  /** More waits than its lanes can take: one more is opened beside, when that is allowed. Returns at once. */
  widen(): void;
  /** After the last call that somebody waits for; others may still run, and end before it settles. */
  close(): Promise<void>;
}

/** Loads models off the thread that holds the sockets. */
export abstract class ModelHost {
  /**
   * Takes the bytes over: the caller must not use them afterwards.
   * @param again gives the same bytes once more, for further lanes and for those that replace a lost one; undefined when they are gone.
   * @param opening is called when the load's turn has come and its thread stands ready, and awaited before the file is opened; when it
   *   rejects, so does the load.
   */
  abstract load(
    bytes: Uint8Array,
    again: () => Promise<Uint8Array | undefined>,
    opening: () => Promise<void>,
  ): Promise<HostedModel>;
  /** Ends the threads. Loaded models are closed before, by those who hold them. */
  abstract close(): Promise<void>;
  /** What still runs is wanted by nobody: the process may end without it. */
  abstract abandon(): void;
}
