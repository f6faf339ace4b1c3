import { drive } from './drive.js';
import { grpcCallers } from './grpc-caller.js';
import { httpCallers } from './http-caller.js';
import type { TrafficPlan } from './traffic-plan.js';

let stop = new AbortController();

process.on('message', (message: TrafficPlan | 'stop') => {
  if (message === 'stop') {
    stop.abort();
    return;
  }
  stop = new AbortController();
  const callers = message.protocol === 'grpc' ? grpcCallers(message) : httpCallers(message);
  void drive(message, callers, stop.signal).then((seen) => process.send?.(seen));
});
process.on('disconnect', () => process.exit(0));
