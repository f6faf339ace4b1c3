/** What was copied, what was here already, and what could not be had. */
export class Tally {
  readonly counts = {
    experiments: 0,
    runs: 0,
    'runs here already': 0,
    'metric points': 0,
    'logged models': 0,
    models: 0,
    versions: 0,
    files: 0,
    bytes: 0,
  };
  /** Told at the end, each once. */
  readonly problems: { what: string; reason: string }[] = [];
  private readonly startedAt = Date.now();
  private toldAt = 0;

  constructor(private readonly tell: (line: string) => void) {}

  add(what: keyof Tally['counts'], count = 1): void {
    this.counts[what] += count;
    if (Date.now() - this.toldAt > 2_000) this.say();
  }

  problem(what: string, reason: string): void {
    this.problems.push({ what, reason });
    this.tell(`! ${what}: ${reason}`);
  }

  /** One line for people: what there is so far. */
  say(): void {
    this.toldAt = Date.now();
    const seconds = Math.round((this.toldAt - this.startedAt) / 1000);
    const told = Object.entries(this.counts)
      .filter(([name, count]) => count > 0 && name !== 'bytes')
      .map(
        ([name, count]) => `${String(count)} ${name}${name === 'files' ? ` (${megabytes(this.counts.bytes)})` : ''}`,
      );
    this.tell(`${String(seconds)} s: ${told.join(', ') || 'nothing yet'}`);
  }
}

const megabytes = (bytes: number): string => `${(bytes / 1_000_000).toFixed(1)} MB`;
