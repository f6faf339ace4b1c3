import { In } from 'typeorm';
import { PlatformError } from '#runtime';
import type { Metric, Run, RunInfo } from '../../core/runs.js';
import type { RegistryDatabase } from './registry-database.js';
import {
  RunDatasetInputEntity,
  RunEntity,
  RunLatestMetricEntity,
  RunModelInputEntity,
  RunModelOutputEntity,
  RunParamEntity,
  RunTagEntity,
} from './run.entity.js';

/** Reads whole runs, one statement per kind of data however many runs there are, in the order of `ids`. */
export const loadRuns = (database: RegistryDatabase, ids: string[]): Promise<Run[]> =>
  database.guarded(async () => {
    if (ids.length === 0) return [];
    const of = { where: { runId: In(ids) } };
    const byKey = { ...of, order: { key: 'ASC' } } as const;
    const runs = new Map((await database.repository(RunEntity).find(of)).map((run) => [run.runId, run]));
    const metrics = grouped(await database.repository(RunLatestMetricEntity).find(byKey));
    const params = grouped(await database.repository(RunParamEntity).find(byKey));
    const tags = grouped(await database.repository(RunTagEntity).find(byKey));
    const datasets = grouped(await database.repository(RunDatasetInputEntity).find(of));
    const inputs = grouped(await database.repository(RunModelInputEntity).find(of));
    const outputs = grouped(await database.repository(RunModelOutputEntity).find(of));
    return ids.flatMap((id) => {
      const run = runs.get(id);
      if (run === undefined) return [];
      return [
        {
          info: infoOf(run),
          metrics: metrics(id).map(metricOf),
          params: params(id),
          tags: tags(id),
          datasetInputs: datasets(id).map(({ schema, profile, ...rest }) => ({
            ...rest,
            schema: schema ?? undefined,
            profile: profile ?? undefined,
          })),
          modelInputs: inputs(id).map(({ modelId }) => modelId),
          modelOutputs: outputs(id),
        },
      ];
    });
  });

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

const grouped = <T extends { runId: string }>(rows: T[]): ((runId: string) => T[]) => {
  const groups = Map.groupBy(rows, ({ runId }) => runId);
  return (runId) => groups.get(runId) ?? [];
};
