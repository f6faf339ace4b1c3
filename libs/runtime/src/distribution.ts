/**
 * How often values fell below each of some bounds: the body of a histogram. Adding is a few machine operations, because it happens
 * several times per request; what is costly, names and labels, is left to those who read it.
 */
export class Distribution {
  private readonly counts: Float64Array;
  private added = 0;
  private total = 0;

  /** @param bounds upper bounds, ascending; above the last one there is always "infinite". */
  constructor(readonly bounds: readonly number[]) {
    this.counts = new Float64Array(bounds.length);
  }

  /** How many values were added. */
  get count(): number {
    return this.added;
  }

  get sum(): number {
    return this.total;
  }

  add(value: number): void {
    this.added += 1;
    this.total += value;
    const { bounds, counts } = this;
    for (let at = 0; at < bounds.length; at += 1)
      if (value <= bounds[at]) {
        counts[at] += 1;
        return;
      }
  }

  /** How many values were not above each bound, in the order of the bounds. */
  cumulated(): number[] {
    let below = 0;
    return Array.from(this.counts, (count) => (below += count));
  }
}
