import { performance } from 'node:perf_hooks';
import { Connection, wireOf } from './connection.js';
import type { Plan, Seen } from './plan.js';
import { repeating, workloads, type LoadRequest } from './workloads.js';

/** The generator is a process of its own: its garbage and its clock are not those of the bench. */
const carryOut = async (plan: Plan): Promise<Seen> => {
  const request = workloads[plan.workload](plan.given);
  const url = new URL(plan.url);
  const wires = new Map<LoadRequest, string | Buffer>();
  const wire = (next: LoadRequest): string | Buffer => {
    if (!repeating.has(plan.workload)) return wireOf(next, url);
    const kept = wires.get(next) ?? wireOf(next, url);
    wires.set(next, kept);
    return kept;
  };
  const latenciesMs: number[] = [];
  let left = plan.requests ?? Number.POSITIVE_INFINITY;
  const each = plan.requestsEach ?? Number.POSITIVE_INFINITY;
  let sent = 0;
  let fault: string | undefined;
  const began = performance.now();
  const end = began + (plan.seconds ?? Number.POSITIVE_INFINITY) * 1000;

  const client = async (index: number): Promise<void> => {
    const connection = new Connection(url);
    try {
      for (let nth = 0; left > 0 && nth < each && fault === undefined && performance.now() < end; nth++) {
        left--;
        sent = Math.max(sent, nth + 1);
        const next = request(index, plan.from + nth);
        const what = `${next.method} ${next.path}`;
        const start = performance.now();
        const answer = await connection.send(wire(next), what, plan.timeoutMs);
        latenciesMs.push(performance.now() - start);
        if (answer.status !== 200)
          fault ??= `${what}: ${String(answer.status)} ${answer.body.toString('utf8', 0, 500)}`;
      }
    } catch (error) {
      fault ??= error instanceof Error ? error.message : String(error);
    } finally {
      connection.close();
    }
  };
  await Promise.all(Array.from({ length: plan.clients }, (_, index) => client(index)));
  return { latenciesMs, seconds: (performance.now() - began) / 1000, sent, fault };
};

process.on('message', (plan: Plan) => {
  void carryOut(plan).then((seen) => process.send?.(seen));
});
process.on('disconnect', () => process.exit(0));
