import { Distribution } from '../distribution.js';
import type { MetricSpec, Sample } from '../metrics.js';

/** A followed metric in Prometheus' text format, version 0.0.4. */
export const exposition = ({ name, help, kind }: MetricSpec, samples: Iterable<Sample>): string => {
  const lines = [`# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`, `# TYPE ${name} ${kind}`];
  for (const { labels, value } of samples) {
    if (value instanceof Distribution) lines.push(...histogram(name, labels, value));
    else lines.push(line(name, labels, value));
  }
  return `${lines.join('\n')}\n`;
};

const histogram = (name: string, labels: Sample['labels'], value: Distribution): string[] => [
  ...value.cumulated().map((count, at) => line(`${name}_bucket`, { ...labels, le: String(value.bounds[at]) }, count)),
  line(`${name}_bucket`, { ...labels, le: '+Inf' }, value.count),
  line(`${name}_sum`, labels, value.sum),
  line(`${name}_count`, labels, value.count),
];

const line = (name: string, labels: Sample['labels'], value: number): string => {
  const told = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
  return `${name}${told.length === 0 ? '' : `{${told.join(',')}}`} ${numberOf(value)}`;
};

const escaped = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');

const numberOf = (value: number): string =>
  Number.isFinite(value) ? String(value) : Number.isNaN(value) ? 'NaN' : value < 0 ? '-Inf' : '+Inf';
