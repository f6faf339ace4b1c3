import type { Tensor } from '#onnx';
import { PlatformError } from '#runtime';
import { rowsOf } from './join-rows.js';
import type { Asker, Lane, Demand } from './model-host.js';
import { elementsOf } from './pace.js';

/** A request from its arrival to its answer. */
export interface Waiting {
  readonly inputs: readonly Tensor[];
  readonly outputNames: readonly string[];
  readonly rows: number;
  readonly joins: boolean;
  readonly asker: Asker | undefined;
  readonly sinceMs: number;
  /** It was told something: nobody waits for it any more, though it may still be run. */
  isSettled: boolean;
  readonly resolve: (outputs: Tensor[]) => void;
  readonly reject: (error: Error) => void;
}

/** Requests that are run together. */
export class Run implements Demand {
  /** Since when it has its lane to itself; moved on when it followed another one there. */
  sinceMs = performance.now();
  readonly rows: number;
  /** How much there is to work on; looked at before the inputs' memory is handed over. */
  readonly elements: number;

  constructor(
    readonly lane: Lane,
    readonly batch: readonly Waiting[],
  ) {
    let [rows, elements] = [0, 0];
    for (const one of batch) {
      rows += one.rows;
      elements += elementsOf(one.inputs);
    }
    [this.rows, this.elements] = [rows, elements];
  }

  /** Who still waits for an answer. */
  get pending(): number {
    let pending = 0;
    for (const { isSettled } of this.batch) if (!isSettled) pending += 1;
    return pending;
  }

  get isWanted(): boolean {
    for (const waiting of this.batch) if (!waiting.isSettled && !isGone(waiting)) return true;
    return false;
  }
}

export const isGone = ({ asker }: Waiting): boolean => asker?.destroyed === true;

export const gone = (): PlatformError => new PlatformError('CLIENT_GONE');

export const refuse = (waiting: Waiting, error: Error): void => {
  waiting.isSettled = true;
  waiting.reject(error);
};

export const settle = (waiting: Waiting, outputs: Tensor[]): void => {
  waiting.isSettled = true;
  waiting.resolve(outputs);
};

/** All outputs that somebody in the batch asked for. */
export const outputsOf = (batch: readonly Waiting[]): readonly string[] => {
  const [{ outputNames }] = batch;
  let names = outputNames;
  for (const other of batch) for (const name of other.outputNames) if (!names.includes(name)) names = [...names, name];
  return names;
};

/** Gives each request its rows of what was answered to all of them. */
export const deal = (batch: readonly Waiting[], names: readonly string[], outputs: readonly Tensor[]): void => {
  let from = 0;
  for (const waiting of batch) {
    settle(
      waiting,
      waiting.outputNames.map((name) => rowsOf(outputs[names.indexOf(name)], from, waiting.rows)),
    );
    from += waiting.rows;
  }
};
