import { randomUUID } from 'node:crypto';
import { runLocation } from '../../core/artifact-locations.js';
import { inactiveExperiment, readExperimentId, unknownExperiment } from '../../core/experiments.js';
import { RUN_NAME_TAG, type NewRun, type Run } from '../../core/runs.js';
import type { RegistryDatabase } from './registry-database.js';

interface Made {
  experiment_id: string;
  lifecycle_stage: string;
  /** Null when the experiment takes no runs. */
  artifact_uri: string | null;
}

/**
 * Makes a run with its tags in one statement, and answers without reading it again: what a run holds at first is what it
 * was given.
 * @throws PlatformError NOT_FOUND for an unknown experiment; REQUEST_INVALID for a deleted one.
 */
export const createRun = async (database: RegistryDatabase, given: NewRun): Promise<Run> => {
  const runId = randomUUID().replaceAll('-', '');
  const named = given.tags.some(({ key }) => key === RUN_NAME_TAG);
  const tags = named ? given.tags : [...given.tags, { key: RUN_NAME_TAG, value: given.runName }];
  const experimentId = readExperimentId(given.experimentId);
  const rows = await database.prepared<Made>({
    name: 'create-run',
    text: `with home as (select experiment_id, lifecycle_stage, artifact_location from registry.experiments where experiment_id = $1),
      run as (
        insert into registry.runs (run_id, experiment_id, name, user_id, status, start_time, artifact_uri, request_id)
        select $2, experiment_id, $3, $4, 'RUNNING', $5, artifact_location || $6, $7 from home where lifecycle_stage = 'active'
        returning run_id, artifact_uri),
      tagged as (
        insert into registry.run_tags (run_id, key, value)
        select run.run_id, given.key, given.value from run, unnest($8::text[], $9::text[]) as given (key, value))
      select home.experiment_id, home.lifecycle_stage, run.artifact_uri from home left join run on true`,
    values: [
      experimentId,
      runId,
      given.runName,
      given.userId,
      given.startMs,
      runLocation('', runId),
      given.requestId ?? null,
      tags.map(({ key }) => key),
      tags.map(({ value }) => value),
    ],
  });
  if (rows.length === 0) throw unknownExperiment(experimentId);
  const [{ experiment_id, lifecycle_stage, artifact_uri }] = rows;
  if (artifact_uri === null) throw inactiveExperiment(experiment_id, lifecycle_stage);
  return {
    info: {
      runId,
      runName: given.runName,
      experimentId: experiment_id,
      userId: given.userId,
      status: 'RUNNING',
      startMs: given.startMs,
      endMs: null,
      artifactUri: artifact_uri,
      lifecycle: 'active',
    },
    metrics: [],
    params: [],
    tags,
    datasetInputs: [],
    modelInputs: [],
    modelOutputs: [],
  };
};
