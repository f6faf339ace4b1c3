import type { Distribution } from './distribution.js';

/** Measuring as a port. Names live in each app's `*.metrics.ts`; the Prometheus registry is in `nest/`. */
export abstract class Metrics {
  /** Adds to a counter. */
  abstract count(name: string, labels?: Record<string, string>, by?: number): void;
  /** Sets a gauge. */
  abstract gauge(name: string, value: number, labels?: Record<string, string>): void;
  /** Adds an observation in seconds to a histogram. */
  abstract observe(name: string, seconds: number, labels?: Record<string, string>): void;
  /** From now on the values of a metric that was declared as `followed` are read from here, each time somebody looks. */
  abstract follow(name: string, read: () => Iterable<Sample>): void;
}

/** One line of a followed metric; a histogram is followed as a whole. */
export interface Sample {
  labels: Readonly<Record<string, string>>;
  value: number | Distribution;
}

/** A metric as it is declared once: name, help text, kind and label names. */
export interface MetricSpec {
  name: string;
  help: string;
  kind: 'counter' | 'gauge' | 'histogram';
  labels?: readonly string[];
  /** Upper bounds in seconds, for histograms. */
  buckets?: readonly number[];
  /** Not told value by value, but read when somebody looks: for what is counted on the hot path, or lies there anyway. */
  followed?: true;
}

export class NoMetrics extends Metrics {
  count(): void {
    /* not measured */
  }
  gauge(): void {
    /* not measured */
  }
  observe(): void {
    /* not measured */
  }
  follow(): void {
    /* not measured */
  }
}
