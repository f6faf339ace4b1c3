import type { ChildProcess } from 'node:child_process';
import { forkOn } from '../servers/pinned.js';
import type { Plan, Seen } from './plan.js';

/** The load generator's process, asked one plan at a time. It ends with this one. */
export class Generator {
  private readonly child: ChildProcess;

  /** `cores`: unset for any. */
  constructor(cores?: string) {
    this.child = forkOn(cores, new URL('./main.js', import.meta.url));
  }

  /** What was seen, a fault included. */
  carryOut(plan: Plan): Promise<Seen> {
    return new Promise((resolve, reject) => {
      const ended = (): void => {
        reject(new Error('The load generator ended.'));
      };
      this.child.once('exit', ended);
      this.child.once('message', (seen: Seen) => {
        this.child.off('exit', ended);
        resolve(seen);
      });
      this.child.send(plan);
    });
  }

  /** @throws Error when a request failed or was answered by anything but 200. */
  async load(plan: Plan): Promise<Seen> {
    const seen = await this.carryOut(plan);
    if (seen.fault !== undefined) throw new Error(`${plan.workload} at ${plan.url}: ${seen.fault}`);
    return seen;
  }

  close(): void {
    if (this.child.connected) this.child.disconnect();
  }
}
