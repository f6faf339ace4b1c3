import { PlatformError } from '#runtime';
import type { Metric, RunInfo } from '../../core/runs.js';
import type { RegistryDatabase } from './registry-database.js';
import { RunEntity, type RunLatestMetricEntity } from './run.entity.js';

export const infoOf = ({ requestId: _, ...info }: RunEntity): RunInfo => info;

export const metricOf = (row: Omit<RunLatestMetricEntity, 'runId'>): Metric => ({
  key: row.key,
  value: row.value,
  timestampMs: row.timestampMs,
  step: row.step,
});

/** @throws PlatformError NOT_FOUND; REQUEST_INVALID when the run is deleted. */
export const mustBeActive = async (database: RegistryDatabase, runId: string): Promise<void> => {
  const run = await database.guarded(() => database.repository(RunEntity).findOneBy({ runId }));
  if (run === null) throw new PlatformError('NOT_FOUND', `Run with id=${runId} not found`);
  if (run.lifecycle !== 'active')
    throw new PlatformError(
      'REQUEST_INVALID',
      `The run ${runId} must be in the 'active' state. Current state is ${run.lifecycle}.`,
    );
};
