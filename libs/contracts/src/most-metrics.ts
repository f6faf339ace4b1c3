/** Metrics that one event tells: no broker takes an event of any size, and one that it refuses holds up all behind it. */
export const MOST_METRICS = 1_000;
