/** Which frozen files may be wanted. Garbage collection leaves those that were noted within the hour. */
export abstract class FrozenBlobs {
  /**
   * To be awaited before the store is asked whether the file is there: from then on it stays, until a version refers to it
   * or an hour has passed. A version can be made of noted files only.
   */
  abstract note(sha256: string): Promise<void>;
}
