import { expect, it } from 'vitest';
import { Distribution } from '../distribution.js';
import { PrometheusMetrics } from './prometheus-metrics.js';

const ours = (text: string): string[] => text.split('\n').filter((line) => line.includes('things'));

it('writes what is followed as it is at the moment of reading, beside what is counted', async () => {
  const metrics = new PrometheusMetrics([
    { name: 'things_counted', help: 'Counted.', kind: 'counter' },
    { name: 'things_waiting', help: 'Waiting.', kind: 'gauge', followed: true },
  ]);
  let waiting = 1;
  metrics.follow('things_waiting', () => [{ labels: { model: 'a "b"\\\n' }, value: waiting }]);
  metrics.count('things_counted');
  waiting = 2;
  expect(ours(await metrics.text())).toEqual([
    '# HELP things_counted Counted.',
    '# TYPE things_counted counter',
    'things_counted 1',
    '# HELP things_waiting Waiting.',
    '# TYPE things_waiting gauge',
    'things_waiting{model="a \\"b\\"\\\\\\n"} 2',
  ]);
});

it('writes a distribution as a histogram', async () => {
  const metrics = new PrometheusMetrics([{ name: 'things_seconds', help: 'Took.', kind: 'histogram', followed: true }]);
  const took = new Distribution([0.1, 1]);
  metrics.follow('things_seconds', () => [{ labels: { model: 'm' }, value: took }]);
  for (const seconds of [0.05, 0.5, 2]) took.add(seconds);
  expect(ours(await metrics.text()).slice(2)).toEqual([
    'things_seconds_bucket{model="m",le="0.1"} 1',
    'things_seconds_bucket{model="m",le="1"} 2',
    'things_seconds_bucket{model="m",le="+Inf"} 3',
    'things_seconds_sum{model="m"} 2.55',
    'things_seconds_count{model="m"} 3',
  ]);
});

it('shows a followed metric that nobody fills as empty, and refuses to follow what was not declared so', async () => {
  const metrics = new PrometheusMetrics([
    { name: 'things_waiting', help: 'Waiting.', kind: 'gauge', followed: true },
    { name: 'things_told', help: 'Told.', kind: 'gauge' },
  ]);
  expect(await metrics.text()).toContain('# TYPE things_waiting gauge\n');
  expect(() => {
    metrics.follow('things_told', () => []);
  }).toThrow('things_told');
});
