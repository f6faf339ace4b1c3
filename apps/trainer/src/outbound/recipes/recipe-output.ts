import type { Readable } from 'node:stream';
import { PlatformError } from '#runtime';
import type { RecipeProgress } from '../../core/recipe-runner.js';
import { KeptLog } from './kept-log.js';
import { legible } from '../../core/legible.js';
import { LiveLines } from './live-lines.js';
import { PROGRESS, progressLine } from './recipe-contract.js';
import { RecipeLines } from './recipe-lines.js';

/** Who prints more than this prints without end. */
const MOST_BYTES = 64 * 1024 * 1024;
const MOST_LINES = 1_000_000;
/** Who watches is told no more often than this; of what comes closer together the last is told. */
const LEAST_MS = 500;

/** What a recipe prints: progress lines are reported, the rest is kept in a log and told line by line, all of it capped. */
export class RecipeOutput {
  private readonly log: KeptLog;
  private readonly live: LiveLines;
  private bytes = 0;
  private lines = 0;
  private progress: RecipeProgress = { message: 'Running.' };
  private reportedAt = -LEAST_MS;
  private waiting?: NodeJS.Timeout;
  /** The last line of stderr, for the sentence that tells why a process ended. */
  lastError = '';
  /** Told when more was printed than anybody reads; perhaps more than once. */
  onFlood: (why: PlatformError) => void = () => undefined;

  constructor(
    logPath: string,
    private readonly onProgress: (progress: RecipeProgress) => void,
  ) {
    this.log = new KeptLog(logPath);
    this.live = new LiveLines((log) => {
      this.onProgress({ ...this.progress, log });
    });
  }

  /** Resolves when the stream has ended. */
  async read(stream: Readable, isError: boolean): Promise<void> {
    const lines = new RecipeLines();
    try {
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        if (!this.count(chunk)) continue;
        const ended = lines.add(chunk);
        this.lines += ended.length;
        for (const line of ended) this.take(line, isError);
      }
    } catch {
      // The pipe was closed on what still held it after the recipe had ended.
    }
    for (const line of lines.end()) this.take(line, isError);
  }

  keep(line: string): void {
    this.log.keep(line);
    this.live.add(line);
  }

  async close(): Promise<void> {
    if (this.waiting !== undefined) this.tell();
    this.live.flush();
    await this.log.close();
  }

  /** False when nothing more is taken; it is read all the same, or the recipe would stand still. */
  private count(chunk: Buffer): boolean {
    this.bytes += chunk.byteLength;
    if (this.bytes <= MOST_BYTES && this.lines <= MOST_LINES) return true;
    this.onFlood(
      new PlatformError(
        'RECIPE_LIMIT_EXCEEDED',
        `The recipe printed more than ${String(MOST_BYTES / 1024 / 1024)} MiB, or more than ${String(MOST_LINES)} lines.`,
      ),
    );
    return false;
  }

  private take(line: string, isError: boolean): void {
    if (!isError && line.startsWith(PROGRESS)) this.report(line);
    else this.keep(line);
    if (isError && isWords(line)) this.lastError = line.slice(0, 500);
  }

  private report(line: string): void {
    let progress: RecipeProgress;
    try {
      progress = progressLine.parse(JSON.parse(line.slice(PROGRESS.length)));
    } catch {
      this.keep(line);
      return;
    }
    this.progress = { ...progress, message: legible(progress.message.slice(0, 2000)) };
    const waitMs = this.reportedAt + LEAST_MS - performance.now();
    if (waitMs <= 0) this.tell();
    else
      this.waiting ??= setTimeout(() => {
        this.tell();
      }, waitMs);
  }

  private tell(): void {
    clearTimeout(this.waiting);
    this.waiting = undefined;
    this.reportedAt = performance.now();
    this.onProgress(this.progress);
  }
}

/** Not the frames of a stack, which Node prints after the error, nor its name at the end. */
const isWords = (line: string): boolean => /^[^\s{}()[\]]/.test(line) && !/^(?:Node\.js v\d|\d+: 0x|-----)/.test(line);
