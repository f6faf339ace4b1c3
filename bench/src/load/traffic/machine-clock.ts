/** Both clocks of Node are the machine's monotonic one, each from a zero of its own. */
const offsetMs = Number(process.hrtime.bigint()) / 1e6 - performance.now();

/** Milliseconds by a clock that all processes of this machine share and nobody sets. */
export const machineMs = (): number => performance.now() + offsetMs;
