import { createWriteStream, type WriteStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { createInterface } from 'node:readline';
import type { RecipeProgress } from '../../core/recipe-runner.js';
import { PROGRESS, progressLine } from './recipe-contract.js';

const LOG_LIMIT = 1_000_000;

/** What a recipe prints: progress lines are reported, the rest is kept in a log, both capped. */
export class RecipeOutput {
  private readonly log: WriteStream;
  private written = 0;
  /** The last line of stderr, for the sentence that tells why a process ended. */
  lastError = '';

  constructor(
    logPath: string,
    private readonly onProgress: (progress: RecipeProgress) => void,
  ) {
    this.log = createWriteStream(logPath, { flags: 'a' });
    // A full disk loses the log, not the training.
    this.log.on('error', () => undefined);
  }

  /** Resolves when the stream has ended. */
  async read(stream: Readable, isError: boolean): Promise<void> {
    for await (const line of createInterface({ input: stream, crlfDelay: Infinity })) {
      if (!isError && line.startsWith(PROGRESS)) this.report(line.slice(PROGRESS.length));
      else this.keep(line);
      if (isError && line.trim() !== '') this.lastError = line.slice(0, 500);
    }
  }

  keep(line: string): void {
    if (this.written > LOG_LIMIT) return;
    this.written += line.length + 1;
    this.log.write(this.written > LOG_LIMIT ? '(the rest is left out)\n' : `${line}\n`);
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.log.once('close', resolve);
      this.log.end();
    });
  }

  private report(json: string): void {
    try {
      const progress = progressLine.parse(JSON.parse(json));
      this.onProgress({ ...progress, message: progress.message.slice(0, 2000).toWellFormed() });
    } catch {
      this.keep(`${PROGRESS}${json}`);
    }
  }
}
