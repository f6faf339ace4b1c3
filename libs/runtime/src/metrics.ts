/** Measuring as a port. Names live in each app's `*.metrics.ts`; the Prometheus registry is in `nest/`. */
export abstract class Metrics {
  /** Adds to a counter. */
  abstract count(name: string, labels?: Record<string, string>, by?: number): void;
  /** Sets a gauge. */
  abstract gauge(name: string, value: number, labels?: Record<string, string>): void;
  /** Adds an observation in seconds to a histogram. */
  abstract observe(name: string, seconds: number, labels?: Record<string, string>): void;
}

/** A metric as it is declared once: name, help text, kind and label names. */
export interface MetricSpec {
  name: string;
  help: string;
  kind: 'counter' | 'gauge' | 'histogram';
  labels?: readonly string[];
  /** Upper bounds in seconds, for histograms. */
  buckets?: readonly number[];
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
}
