import { performance } from 'node:perf_hooks';
import { Connection } from './connection.js';
import type { Plan, Seen } from './plan.js';
import { workloads } from './workloads.js';

/** The generator is a process of its own: its garbage and its clock are not those of the bench. */
const carryOut = async (plan: Plan): Promise<Seen> => {
  const request = workloads[plan.workload](plan.given);
  const latenciesMs: number[] = [];
  let left = plan.requests ?? Number.POSITIVE_INFINITY;
  const each = plan.requestsEach ?? Number.POSITIVE_INFINITY;
  let sent = 0;
  let fault: string | undefined;
  const began = performance.now();
  const end = began + (plan.seconds ?? Number.POSITIVE_INFINITY) * 1000;

  const client = async (index: number): Promise<void> => {
    const connection = new Connection(new URL(plan.url));
    try {
      for (let nth = 0; left > 0 && nth < each && fault === undefined && performance.now() < end; nth++) {
        left--;
        sent = Math.max(sent, nth + 1);
        const { method, path, body } = request(index, plan.from + nth);
        const start = performance.now();
        const answer = await connection.request(method, path, body, plan.timeoutMs);
        latenciesMs.push(performance.now() - start);
        if (answer.status !== 200) fault ??= `${method} ${path}: ${String(answer.status)} ${answer.body.slice(0, 500)}`;
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
