export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Structured logging as a port: one sentence and its facts. Secrets never belong into `facts`. */
export abstract class Logger {
  abstract log(level: LogLevel, sentence: string, facts?: Record<string, unknown>): void;

  debug(sentence: string, facts?: Record<string, unknown>): void {
    this.log('debug', sentence, facts);
  }
  info(sentence: string, facts?: Record<string, unknown>): void {
    this.log('info', sentence, facts);
  }
  warn(sentence: string, facts?: Record<string, unknown>): void {
    this.log('warn', sentence, facts);
  }
  error(sentence: string, facts?: Record<string, unknown>): void {
    this.log('error', sentence, facts);
  }
}

const rank: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3 };

/** One JSON object per line on stderr; stdout stays free for what a command prints. */
export class JsonLogger extends Logger {
  constructor(
    private readonly app: string,
    private readonly lowest: LogLevel = 'info',
    private readonly write: (line: string) => void = (line) => process.stderr.write(line),
  ) {
    super();
  }

  log(level: LogLevel, sentence: string, facts: Record<string, unknown> = {}): void {
    if (rank[level] < rank[this.lowest]) return;
    const plain = Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, readable(value)]));
    this.write(
      `${JSON.stringify({ time: new Date().toISOString(), level, app: this.app, message: sentence, ...plain })}\n`,
    );
  }
}

/** Says nothing; for tests. */
export class SilentLogger extends Logger {
  log(): void {
    /* silence is the promise */
  }
}

const readable = (value: unknown): unknown =>
  value instanceof Error
    ? { name: value.name, message: value.message, stack: value.stack, cause: readable(value.cause) }
    : typeof value === 'bigint'
      ? value.toString()
      : value;
