import { mustBeEqual } from '../equal-answers.js';
import type { Figure } from '../figure.js';
import { both, type Pair, type Side } from '../servers/side.js';
import { measureThroughput, type Throughput } from '../side-by-side.js';
import type { Bench } from '../bench.js';

/** Writing while training: whole batches, single metrics, new runs. */
export const measureTracking = async (bench: Bench): Promise<Figure[]> =>
  bench.withPair(async (pair) => {
    const experiments = await both(pair, (side) => side.createExperiment('tracking'));
    const experimentOf = (side: Side): string => experiments[side === pair.ours ? 0 : 1];
    await compare(pair, experimentOf);

    const runs = await both(pair, (side) => side.createRuns(experimentOf(side), 32));
    const runIds = (side: Side, count: number): string[] => runs[side === pair.ours ? 0 : 1].slice(0, count);
    const common = { group: 'tracking', rounds: bench.rounds, seconds: bench.seconds, atLeast: 5 } as const;
    const figures: Throughput[] = [
      {
        ...common,
        name: 'log-batch of 100 metrics, 8 clients',
        clients: 8,
        plan: (side) => ({ workload: 'log-batch', given: { runIds: runIds(side, 8), size: 100 } }),
      },
      {
        ...common,
        name: 'log-metric, 32 clients',
        clients: 32,
        plan: (side) => ({ workload: 'log-metric', given: { runIds: runIds(side, 32) } }),
      },
      {
        ...common,
        name: 'create-run, 8 clients',
        clients: 8,
        plan: (side) => ({ workload: 'create-run', given: { experimentId: experimentOf(side) } }),
      },
    ];
    const measured: Figure[] = [];
    for (const what of bench.only(figures))
      measured.push(...(await bench.attempt(what.name, () => measureThroughput(bench.generator, pair, what))));
    return measured;
  });

/** The same writes to both, then everything read back. */
const compare = async (pair: Pair, experimentOf: (side: Side) => string): Promise<void> => {
  const told = await both(pair, async (side) => {
    const run_id = await side.createRun(experimentOf(side), 'compared');
    const metrics = Array.from({ length: 200 }, (_, index) => ({
      key: `metric_${String(index % 100)}`,
      value: index === 7 ? 'NaN' : index / 3,
      timestamp: 1_700_000_000_000 + index,
      step: index,
    }));
    await side.call('POST', 'runs/log-batch', {
      run_id,
      metrics,
      params: [{ key: 'depth', value: '3' }],
      tags: [{ key: 'team', value: 'a' }],
    });
    await side.call('POST', 'runs/log-metric', {
      run_id,
      run_uuid: run_id,
      key: 'loss',
      value: 0.5,
      timestamp: 1_700_000_000_000,
      step: 4,
    });
    return {
      run: await side.call('GET', 'runs/get', { run_id }),
      history: await side.call('GET', 'metrics/get-history', { run_id, metric_key: 'metric_7', max_results: 25_000 }),
    };
  });
  mustBeEqual('a run after log-batch and log-metric', told[0], told[1]);
};
