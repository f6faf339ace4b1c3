import type { TrainingRequestView } from '#contracts';
import { printable } from './output.js';

type Shown = Pick<TrainingRequestView, 'state' | 'attempt' | 'message' | 'progress'>;

/** A terminal, or what stands for one. */
export interface ProgressStream {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

const BAR = 24;

/** How a training comes along: on a terminal one line that changes, elsewhere a line for each change of state. */
export class ProgressBar {
  private last = '';
  private drawn = false;

  constructor(private readonly stream: ProgressStream) {}

  show(request: Shown): void {
    const line = this.stream.isTTY === true ? barLine(request, this.stream.columns ?? 80) : plainLine(request);
    if (line === this.last) return;
    this.last = line;
    if (this.stream.isTTY === true) this.stream.write(`\r${line}\u001b[K`);
    else this.stream.write(`${line}\n`);
    this.drawn = true;
  }

  /** A line of its own, above what is drawn. */
  say(text: string): void {
    if (this.stream.isTTY !== true) {
      this.stream.write(`${text}\n`);
      return;
    }
    this.stream.write(`\r${text}\u001b[K\n${this.last}`);
  }

  /** Leaves the last line standing. */
  end(): void {
    if (this.drawn && this.stream.isTTY === true) this.stream.write('\n');
    this.drawn = false;
  }
}

/** No wider than the terminal: a line that wraps can not be drawn over. */
export const barLine = ({ state, attempt, message, progress }: Shown, columns: number): string => {
  const head = attempt > 1 ? `${state} (attempt ${String(attempt)})` : state;
  const said = printable(message).replaceAll('\n', ' ');
  if (progress === null) return `${head}  ${said}`.trimEnd().slice(0, columns - 1);
  const done = Math.min(1, progress.step / progress.of);
  const filled = Math.round(done * BAR);
  const bar = `[${'#'.repeat(filled)}${'-'.repeat(BAR - filled)}]`;
  return `${head}  ${bar} ${String(Math.floor(done * 100)).padStart(3)} %  ${said}`.trimEnd().slice(0, columns - 1);
};

/** Steps are left out: a log that is read later is not to hold a line for each tree of a forest. */
const plainLine = ({ state, attempt, message, progress }: Shown): string =>
  printable(
    `${state}${attempt > 1 ? ` (attempt ${String(attempt)})` : ''}${message === '' || progress !== null ? '' : `: ${message}`}`,
  );
