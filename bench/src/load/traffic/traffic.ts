import type { ChildProcess } from 'node:child_process';
import { forkOn } from '../../servers/pinned.js';
import type { TrafficPlan, TrafficSeen } from './traffic-plan.js';

/** A process that makes traffic, one plan at a time. It ends with this one. */
export class Traffic {
  private readonly child: ChildProcess;

  constructor(cores: string | undefined) {
    this.child = forkOn(cores, new URL('./main.js', import.meta.url));
  }

  /** Begins; what was seen comes when the plan's time is over, or after `stop`. */
  carryOut(plan: TrafficPlan): Promise<TrafficSeen> {
    return new Promise((resolve, reject) => {
      const ended = (): void => {
        reject(new Error('The process that makes the traffic ended.'));
      };
      this.child.once('exit', ended);
      this.child.once('message', (seen: TrafficSeen) => {
        this.child.off('exit', ended);
        resolve(seen);
      });
      this.child.send(plan);
    });
  }

  stop(): void {
    this.child.send('stop');
  }

  close(): void {
    if (this.child.connected) this.child.disconnect();
  }
}
