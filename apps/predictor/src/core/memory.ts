/** The memory that this process was given: its container's, else the machine's. */
export abstract class Memory {
  /** What is left of it, caches that the system gives up counted as left; undefined where it can't be told. */
  abstract availableBytes(): Promise<number | undefined>;
}
