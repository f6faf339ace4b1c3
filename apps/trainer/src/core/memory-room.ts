/**
 * The memory that the jobs of one trainer may take together, by what their recipes declare. A job that is larger than all of
 * it runs when nothing else does: better alone than never.
 */
export class MemoryRoom {
  private readonly taken = new Map<string, number>();

  /** @param totalBytes undefined: any job fits */
  constructor(private readonly totalBytes?: number) {}

  get isLimited(): boolean {
    return this.totalBytes !== undefined;
  }

  /** What one more job may take at most; undefined: anything. */
  get freeBytes(): number | undefined {
    if (this.totalBytes === undefined || this.taken.size === 0) return undefined;
    return Math.max(0, this.totalBytes - this.sumWithout());
  }

  /** A job that is here already says what it takes, now that it is known. False, and nothing changed, when that does not fit. */
  enter(requestId: string, bytes: number): boolean {
    const others = [...this.taken.keys()].some((each) => each !== requestId);
    if (this.totalBytes !== undefined && others && this.sumWithout(requestId) + bytes > this.totalBytes) return false;
    this.taken.set(requestId, bytes);
    return true;
  }

  leave(requestId: string): void {
    this.taken.delete(requestId);
  }

  private sumWithout(requestId?: string): number {
    return [...this.taken].reduce((sum, [each, bytes]) => sum + (each === requestId ? 0 : bytes), 0);
  }
}
