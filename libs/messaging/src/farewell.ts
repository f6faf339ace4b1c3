/** How long whoever closes waits for a broker or database that keeps silent; a few of these stay well below what a supervisor allows. */
export const FAREWELL_MS = 4_000;

/** Resolves when the work has settled or the time is over, whichever comes first; never rejects. */
export const within = async (ms: number, work: Promise<unknown>): Promise<void> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work.catch(() => undefined), late]);
  clearTimeout(timer);
};
