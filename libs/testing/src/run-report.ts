import type { ServiceName } from './service.js';

/** What the closing lines of a run say about services; filled in by the global set-up, read by the reporter. */
export interface RunReport {
  used: { name: ServiceName; how: string }[];
  missing: { name: ServiceName; reason: string; required: boolean }[];
}

const key = Symbol.for('baton.test-run');

/** One per process: set-up and reporter are loaded by different module loaders, so a module variable would be two. */
export const runReport = (): RunReport => {
  const place = globalThis as { [key]?: RunReport };
  return (place[key] ??= { used: [], missing: [] });
};
