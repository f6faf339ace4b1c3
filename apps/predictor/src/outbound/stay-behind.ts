import { constants, getPriority, setPriority } from 'node:os';

/** Of the calling thread: on Linux the nice value is each thread's own, elsewhere it is the whole process's. */
const THIS_THREAD = 0;
/** At this distance those that serve get ten times the processor time. */
const STEPS_BACK = 10;

interface System {
  readonly platform: NodeJS.Platform;
  readonly getPriority: (pid: number) => number;
  readonly setPriority: (pid: number, priority: number) => void;
}

/** From here on the calling thread gives way to the others of its process, where the system lets it. */
export const stayBehind = (system: System = { platform: process.platform, getPriority, setPriority }): void => {
  if (system.platform !== 'linux') return;
  try {
    const usual = system.getPriority(THIS_THREAD);
    system.setPriority(THIS_THREAD, Math.min(usual + STEPS_BACK, constants.priority.PRIORITY_LOW));
  } catch {
    // A sandbox that forbids it (a seccomp filter, as of systemd's `~@resources`) keeps no model from being fetched.
  }
};
