import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from './connection.js';
import type { IrisRows } from './iris.js';

export interface LoadReport {
  answers: number;
  failures: string[];
  failed: number;
  answersOf: Map<number, number>;
  /** version → row → every different line of probabilities that was answered, as JSON. */
  seen: Map<number, Map<number, Set<string>>>;
  /** Per TCP connection, the versions in the order in which they answered. */
  versions: number[][];
}

const KEPT_FAILURES = 10;

/** Constant load on a predictor by several keep-alive connections, and everything that was answered. */
export class Load {
  private readonly connections: Connection[];
  private readonly seen: LoadReport['seen'] = new Map();
  private readonly answersOf = new Map<number, number>();
  private readonly failures: string[] = [];
  private failed = 0;

  constructor(predictorUrl: string, model: string, iris: IrisRows, connections: number) {
    this.connections = Array.from(
      { length: connections },
      (_, index) =>
        new Connection({
          predictorUrl,
          model,
          iris,
          protocol: index % 2 === 0 ? 'predict' : 'infer',
          firstRow: Math.floor((index * iris.rows.length) / connections),
          onAnswer: (rows, { version, probabilities }) => {
            this.answersOf.set(version, (this.answersOf.get(version) ?? 0) + 1);
            rows.forEach((row, place) => {
              this.note(version, row, JSON.stringify(probabilities[place]));
            });
          },
          onFailure: (sentence) => {
            this.failed++;
            if (this.failures.length < KEPT_FAILURES) this.failures.push(sentence);
          },
        }),
    );
  }

  /** Waits until every connection was answered by this version, or the time is over. */
  async allAnsweredBy(version: number, timeoutMs: number): Promise<boolean> {
    const deadline = Date.now() + timeoutMs;
    while (!this.connections.every((connection) => connection.latestVersion === version)) {
      if (Date.now() > deadline) return false;
      await sleep(20);
    }
    return true;
  }

  /** Waits until each connection was answered this many times more. */
  async answeredMore(times: number): Promise<void> {
    const before = this.connections.map(({ answers }) => answers);
    while (this.failed === 0 && this.connections.some(({ answers }, index) => answers < before[index] + times))
      await sleep(20);
  }

  get failuresSoFar(): number {
    return this.failed;
  }

  async stop(): Promise<LoadReport> {
    await Promise.all(this.connections.map((connection) => connection.stop()));
    return {
      answers: this.connections.reduce((sum, { answers }) => sum + answers, 0),
      failures: this.failures,
      failed: this.failed,
      answersOf: this.answersOf,
      seen: this.seen,
      versions: this.connections.flatMap(({ versions }) => versions),
    };
  }

  private note(version: number, row: number, line: string): void {
    const rows = this.seen.get(version) ?? new Map<number, Set<string>>();
    this.seen.set(version, rows);
    const lines = rows.get(row) ?? new Set<string>();
    rows.set(row, lines);
    lines.add(line);
  }
}
