/** One database transaction as a port: every port called inside `work` takes part in it; what `work` throws rolls all back. */
export abstract class Transactions {
  /** Inside another transaction it joins that one. */
  abstract run<T>(work: () => Promise<T>): Promise<T>;
  /** Called once the outermost transaction has committed; at once outside of one. */
  abstract afterCommit(work: () => void): void;
}
