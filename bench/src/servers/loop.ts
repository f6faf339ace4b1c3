import type { Bench } from '../bench.js';
import type { Player } from '../side-by-side.js';
import type { Round } from '../statistics.js';
import type { LoopPlan } from './onnxruntime-loop.js';
import { forkOn } from './pinned.js';

/** The bare loop as a side to be measured: a process on the cores of servers. */
export const startLoop = (bench: Bench, plan: Omit<LoopPlan, 'seconds'>): Player => {
  const child = forkOn(bench.options.cores.servers, new URL('./onnxruntime-loop.js', import.meta.url));
  bench.atEnd(() => {
    if (child.connected) child.disconnect();
    return Promise.resolve();
  });
  return (seconds) =>
    new Promise<Round>((resolve, reject) => {
      const ended = (): void => {
        reject(new Error('The bare loop ended.'));
      };
      child.once('exit', ended);
      child.once('message', (round: Round) => {
        child.off('exit', ended);
        resolve(round);
      });
      child.send({ ...plan, seconds });
    });
};
