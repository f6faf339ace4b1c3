import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { services } from '#testing';
import { BothServers, checksOf, type SuiteReport } from './mlflow-suite.js';

/** In this order: later files find what earlier ones made, on both servers alike; `coverage` looks at what was called. */
const current = [
  ...['experiments', 'runs', 'metrics', 'search_runs', 'artifacts', 'logged_models', 'datasets'],
  ...['registered_models', 'model_versions', 'stages_aliases', 'prompts', 'webhooks'],
  ...['fluent', 'sklearn_autolog', 'onnx_models', 'pyfunc_loading', 'errors', 'wire', 'coverage', 'comparison'],
];
const older = ['client_2x'];
const requirements = ['requirements.txt', 'requirements-2x.txt'] as const;

describe.skipIf(services().postgres === undefined)("MLflow's own client here and at MLflow's server", () => {
  let servers: BothServers | { missing: string };
  let report: SuiteReport;

  beforeAll(async () => {
    servers = await BothServers.start(requirements);
    if (!(servers instanceof BothServers)) return;
    const [now, before] = [await servers.run(requirements[0], current), await servers.run(requirements[1], older)];
    report = {
      checks: { ...now.checks, ...before.checks },
      unseen: now.unseen.filter((row) => before.unseen.includes(row)),
    };
  }, 1_800_000);
  afterAll(() => (servers instanceof BothServers ? servers.stop() : undefined));

  it.for([...current, ...older].flatMap(checksOf))('%s', (name, { skip }) => {
    if (!(servers instanceof BothServers)) skip(servers.missing);
    expect(report.checks[name].join('\n\n')).toBe('');
  });

  it('lists no difference in docs/mlflow-compatibility.md that does not occur', ({ skip }) => {
    if (!(servers instanceof BothServers)) skip(servers.missing);
    expect(report.unseen).toEqual([]);
  });
});
