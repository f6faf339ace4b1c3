import { readFileSync } from 'node:fs';
import { openSession } from '#onnx/runtime';
import type { Round } from '../statistics.js';

/** What the bare loop is asked: run the model on these rows again and again. */
export interface LoopPlan {
  file: string;
  input: string;
  output: string;
  columns: number;
  rows: number;
  features: Float32Array;
  seconds: number;
}

const size = ({ rows, columns }: LoopPlan): number => rows * columns;

/** onnxruntime and nothing else, one run after the other on one thread: no socket, no queue, no protocol. */
const carryOut = async (plan: LoopPlan): Promise<Round> => {
  const session = await openSession(readFileSync(plan.file));
  const run = async (nth: number): Promise<void> => {
    const from = (nth * size(plan)) % plan.features.length;
    const data = plan.features.slice(from, from + size(plan));
    await session.run([{ name: plan.input, datatype: 'FP32', shape: [plan.rows, plan.columns], data }], [plan.output]);
  };
  for (let nth = 0; nth < 50; nth++) await run(nth);
  const latenciesMs: number[] = [];
  const began = performance.now();
  const end = began + plan.seconds * 1000;
  for (let nth = 0; ; nth++) {
    const start = performance.now();
    if (start >= end) break;
    await run(nth);
    latenciesMs.push(performance.now() - start);
  }
  const seconds = (performance.now() - began) / 1000;
  await session.release();
  return { latenciesMs, seconds };
};

process.on('message', (plan: LoopPlan) => {
  void carryOut(plan).then((round) => process.send?.(round));
});
process.on('disconnect', () => process.exit(0));
