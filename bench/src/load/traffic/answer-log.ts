import type { TrafficSeen } from './traffic-plan.js';

const FAULTS_KEPT = 5;

interface Noted {
  connection: number;
  version: string;
  sentAtMs: number;
  receivedAtMs: number;
  latencyMs: number;
}

/** Keeps what is seen in columns: a million answers are 27 MB and nothing for the collector to walk through. */
export class AnswerLog {
  private count = 0;
  private failed = 0;
  private wrong = 0;
  private readonly faults: string[] = [];
  private readonly versions: string[] = [];
  private columns = columnsOf(1 << 16);

  note({ connection, version, sentAtMs, receivedAtMs, latencyMs }: Noted): void {
    const { columns, count } = this;
    if (count === columns.sentAtMs.length) this.columns = grown(columns);
    this.columns.connection[count] = connection;
    this.columns.version[count] = this.indexOf(version);
    this.columns.sentAtMs[count] = sentAtMs;
    this.columns.receivedAtMs[count] = receivedAtMs;
    this.columns.latencyMs[count] = latencyMs;
    this.count = count + 1;
  }

  fail(error: unknown): void {
    this.failed += 1;
    this.say(error instanceof Error ? error.message : String(error));
  }

  mistake(words: string): void {
    this.wrong += 1;
    this.say(words);
  }

  seen(seconds: number): TrafficSeen {
    const { columns, count, versions, failed, wrong, faults } = this;
    return {
      connection: columns.connection.slice(0, count),
      version: columns.version.slice(0, count),
      sentAtMs: columns.sentAtMs.slice(0, count),
      receivedAtMs: columns.receivedAtMs.slice(0, count),
      latencyMs: columns.latencyMs.slice(0, count),
      versions,
      failed,
      wrong,
      faults,
      seconds,
    };
  }

  private say(words: string): void {
    if (this.faults.length < FAULTS_KEPT) this.faults.push(words);
  }

  private indexOf(version: string): number {
    const known = this.versions.indexOf(version);
    return known < 0 ? this.versions.push(version) - 1 : known;
  }
}

const columnsOf = (size: number) => ({
  connection: new Uint16Array(size),
  version: new Uint16Array(size),
  sentAtMs: new Float64Array(size),
  receivedAtMs: new Float64Array(size),
  latencyMs: new Float64Array(size),
});

const grown = (old: ReturnType<typeof columnsOf>): ReturnType<typeof columnsOf> => {
  const columns = columnsOf(old.sentAtMs.length * 2);
  for (const name of Object.keys(old) as (keyof typeof old)[]) columns[name].set(old[name]);
  return columns;
};
