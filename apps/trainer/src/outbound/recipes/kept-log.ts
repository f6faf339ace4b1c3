import { createWriteStream, type WriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';

const HEAD_CHARACTERS = 500_000;
const TAIL_CHARACTERS = 500_000;

/**
 * The log of a recipe as a file: its first half million characters and its last, since programs say at first what they do
 * and at last why they failed.
 */
export class KeptLog {
  private readonly file: WriteStream;
  private written = 0;
  private tail: string[] = [];
  private tailLength = 0;
  private leftOut = 0;

  constructor(path: string) {
    this.file = createWriteStream(path, { flags: 'a' });
    // A full disk loses the log, not the training.
    this.file.on('error', () => undefined);
  }

  keep(line: string): void {
    if (this.written <= HEAD_CHARACTERS) {
      this.written += line.length + 1;
      this.file.write(`${line}\n`);
      return;
    }
    this.tail.push(line);
    this.tailLength += line.length + 1;
    // Dropped by the half: taking one line off at a time would move all the others each time.
    if (this.tailLength > 2 * TAIL_CHARACTERS) this.shorten();
  }

  /** Also of a file that could not be written: it is over already. */
  async close(): Promise<void> {
    this.shorten();
    if (this.leftOut > 0) this.file.write(`(${String(this.leftOut)} lines are left out)\n`);
    for (const line of this.tail) this.file.write(`${line}\n`);
    this.file.end();
    await finished(this.file).catch(() => undefined);
  }

  private shorten(): void {
    let from = 0;
    for (; this.tailLength > TAIL_CHARACTERS && from < this.tail.length; from++)
      this.tailLength -= this.tail[from].length + 1;
    this.leftOut += from;
    this.tail = this.tail.slice(from);
  }
}
