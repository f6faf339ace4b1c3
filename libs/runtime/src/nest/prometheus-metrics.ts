import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import { Metrics, type MetricSpec, type Sample } from '../metrics.js';
import { exposition } from './exposition.js';

/** Metrics as Prometheus reads them; with them, the process's own (CPU, memory, event loop). Each has a registry of its own. */
export class PrometheusMetrics extends Metrics {
  private readonly registry = new Registry();
  private readonly counters = new Map<string, Counter>();
  private readonly gauges = new Map<string, Gauge>();
  private readonly histograms = new Map<string, Histogram>();
  private readonly followed = new Map<string, { spec: MetricSpec; read: () => Iterable<Sample> }>();

  constructor(specs: readonly MetricSpec[]) {
    super();
    collectDefaultMetrics({ register: this.registry });
    for (const spec of specs) this.declare(spec);
  }

  count(name: string, labels: Record<string, string> = {}, by = 1): void {
    declared(this.counters, name).inc(labels, by);
  }

  gauge(name: string, value: number, labels: Record<string, string> = {}): void {
    declared(this.gauges, name).set(labels, value);
  }

  observe(name: string, seconds: number, labels: Record<string, string> = {}): void {
    declared(this.histograms, name).observe(labels, seconds);
  }

  follow(name: string, read: () => Iterable<Sample>): void {
    declared(this.followed, name).read = read;
  }

  /** The text that `GET /metrics` answers. */
  async text(): Promise<string> {
    const told = await this.registry.metrics();
    return told + [...this.followed.values()].map(({ spec, read }) => `\n${exposition(spec, read())}`).join('');
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  private declare(spec: MetricSpec): void {
    const { name, help, kind, labels = [], buckets } = spec;
    if (spec.followed === true) {
      this.followed.set(name, { spec, read: () => [] });
      return;
    }
    const options = { name, help, labelNames: [...labels], registers: [this.registry] };
    switch (kind) {
      case 'counter':
        this.counters.set(name, new Counter(options));
        return;
      case 'gauge':
        this.gauges.set(name, new Gauge(options));
        return;
      case 'histogram':
        this.histograms.set(name, new Histogram({ ...options, ...(buckets && { buckets: [...buckets] }) }));
    }
  }
}

/** A name that no spec declares is a slip of ours: found by the first test that runs the line. */
const declared = <M>(metrics: Map<string, M>, name: string): M => {
  const metric = metrics.get(name);
  if (metric === undefined) throw new Error(`No metric ${name} of this kind is declared.`);
  return metric;
};
