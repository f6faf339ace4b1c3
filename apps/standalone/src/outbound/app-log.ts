import { createWriteStream, mkdirSync, renameSync, statSync, type WriteStream } from 'node:fs';
import { join } from 'node:path';

const LARGEST_BYTES = 20 * 1024 * 1024;

/** Keeps every line of an app in `<folder>/<app>.log`; says warnings and errors on the terminal as sentences. */
export class AppLog {
  private readonly file: WriteStream;
  private readonly recent: string[] = [];
  private loud = false;

  constructor(
    readonly path: string,
    private readonly app: string,
    private readonly say: (sentence: string) => void,
  ) {
    rotate(path);
    this.file = createWriteStream(path, { flags: 'a' });
  }

  static in(folder: string, app: string, say: (sentence: string) => void): AppLog {
    mkdirSync(folder, { recursive: true });
    return new AppLog(join(folder, `${app}.log`), app, say);
  }

  line(line: string): void {
    this.file.write(`${line}\n`);
    const sentence = noteworthy(line);
    if (sentence === undefined || this.saidLately(sentence)) return;
    if (this.loud) this.say(`${this.app}: ${sentence}`);
  }

  /** From now on warnings are said as they come. While everything starts, the parts wait for each other and warn of it in vain. */
  speakUp(): void {
    this.loud = true;
  }

  /** Says what was kept back: it tells why the start failed. */
  sayRecent(): void {
    for (const sentence of this.recent) this.say(`${this.app}: ${sentence}`);
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.file.end(resolve);
    });
  }

  /** A fault that repeats every second is said once in a while: the log has them all. */
  private saidLately(sentence: string): boolean {
    if (this.recent.includes(sentence)) return true;
    this.recent.push(sentence);
    if (this.recent.length > 20) this.recent.shift();
    return false;
  }
}

/** The sentence of a warning or error; text that is no log line (a crash, say) as it stands, but no stack; undefined for the rest. */
export const noteworthy = (line: string): string | undefined => {
  if (line.trim() === '' || /^\s+at /.test(line)) return undefined;
  if (!line.startsWith('{')) return line;
  try {
    const { level, message, error } = JSON.parse(line) as { level?: string; message?: string; error?: unknown };
    if (level !== 'warn' && level !== 'error') return undefined;
    return `${level === 'error' ? 'error: ' : ''}${message ?? line}${because(error)}`;
  } catch {
    return line;
  }
};

const because = (error: unknown): string => {
  if (typeof error === 'string') return ` (${error})`;
  if (typeof error === 'object' && error !== null && 'message' in error) return ` (${String(error.message)})`;
  return '';
};

const rotate = (path: string): void => {
  try {
    if (statSync(path).size > LARGEST_BYTES) renameSync(path, `${path}.1`);
  } catch {
    // there is none yet
  }
};
