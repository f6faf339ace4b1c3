/** Both clocks of Node are the machine's monotonic one, each from a zero of its own. */
const offsetMs = ((): number => {
  // Whoever is put aside between the two readings sees too small an offset: the largest of many is the true one.
  const seen = Array.from({ length: 100 }, () => Number(process.hrtime.bigint()) / 1e6 - performance.now());
  return Math.max(...seen);
})();

/** Milliseconds by a clock that all processes of this machine share and nobody sets. */
export const machineMs = (): number => performance.now() + offsetMs;
