import type { LoggedRun } from './tracking.js';

/** What of a recipe's runs is the answer to the request. */
export interface ChosenModel {
  /** A version of the model that was asked for. */
  version?: number;
  /** What is wrong with the ONNX file of that version. */
  broken?: string;
  loggedModelId?: string;
  metrics: Record<string, number>;
}

/**
 * The latest version of the model that was asked for; without one the model that was logged last; without that only the
 * metrics of the last run that has any.
 */
export const chooseLogged = (runs: readonly LoggedRun[], model: string): ChosenModel => {
  const versions = runs.flatMap((run) =>
    run.versions.filter((each) => each.model === model).map(({ version, broken }) => ({ version, broken, run })),
  );
  const newest = versions.sort((a, b) => a.version - b.version).at(-1);
  if (newest !== undefined) {
    const { version, broken, run } = newest;
    return { version, metrics: run.metrics, ...(broken !== undefined && { broken }) };
  }
  const last = runs.findLast(({ modelIds }) => modelIds.length > 0);
  if (last !== undefined) return { loggedModelId: last.modelIds.at(-1), metrics: last.metrics };
  return { metrics: runs.findLast(({ metrics }) => Object.keys(metrics).length > 0)?.metrics ?? {} };
};
