import { legible } from '../../core/legible.js';

const FLUSH_MS = 1_000;
const MOST_AT_ONCE = 50;
const MOST_IN_ALL = 2_000;
const LONGEST = 500;

/**
 * What a recipe prints, on its way to who watches: at most fifty lines a second and two thousand in all, cut. Who wants more
 * reads the log.
 */
export class LiveLines {
  private lines: string[] = [];
  private missed = 0;
  private sent = 0;
  private timer?: NodeJS.Timeout;

  constructor(private readonly onLines: (lines: string[]) => void) {}

  add(line: string): void {
    const left = MOST_IN_ALL - this.sent - this.lines.length;
    if (this.lines.length >= MOST_AT_ONCE || left <= 0) this.missed += 1;
    else this.lines.push(legible(line.slice(0, LONGEST)));
    this.timer ??= setTimeout(() => {
      this.flush();
    }, FLUSH_MS);
  }

  /** Sends what waits, at the end. */
  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.lines.length === 0 || this.sent >= MOST_IN_ALL) return;
    this.sent += this.lines.length;
    const more = this.missed > 0 ? [`(${String(this.missed)} more lines in train.log)`] : [];
    const lines = [...this.lines, ...more];
    this.lines = [];
    this.missed = 0;
    this.onLines(lines);
  }
}
