import type {
  ImportedExperiment,
  ImportExperiment,
  ImportLoggedModel,
  ImportModel,
  ImportRun,
  ImportVersion,
} from '#contracts';
import { PlatformError } from '#runtime';
import { experimentLocation } from '../../core/artifact-locations.js';
import type { Lifecycle } from '../../core/experiments.js';
import { Imports } from '../../core/imports/imports.js';
import type { Frozen } from '../../core/registered-models.js';
import { columnsOfFrozen } from './model-version-rows.js';
import type { RegistryDatabase } from './registry-database.js';

export class PostgresImports extends Imports {
  constructor(private readonly database: RegistryDatabase) {
    super();
  }

  experiment(given: string, experiment: ImportExperiment): Promise<ImportedExperiment> {
    if (!/^\d{1,18}$/.test(given))
      throw new PlatformError('REQUEST_INVALID', `Invalid experiment ID '${given}'. Experiment ID must be an integer.`);
    return this.database.transaction(async () => {
      // Two imports at once must not both find an id free.
      await this.database.query('lock table registry.experiments in share row exclusive mode');
      const id = (await this.knownExperiment(given, experiment)) ?? (await this.newExperiment(given, experiment));
      const [{ location }] = await this.database.query<{ location: string }[]>(
        'select artifact_location as location from registry.experiments where experiment_id = $1',
        [id],
      );
      return { experimentId: id, artifactLocation: location };
    });
  }

  async run(id: string, run: ImportRun, artifactUri: string): Promise<boolean> {
    const made = await this.database.query<unknown[]>(
      `insert into registry.runs (run_id, experiment_id, name, user_id, status, start_time, end_time, artifact_uri)
       values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (run_id) do nothing returning run_id`,
      [id, run.experimentId, run.runName, run.userId, run.status, run.startTime, run.endTime, artifactUri],
    );
    if (made.length > 0) return true;
    const [{ same, ended }] = await this.database.query<{ same: boolean; ended: boolean }[]>(
      `select experiment_id = $2 and start_time = $3 as same, status not in ('RUNNING', 'SCHEDULED') as ended
       from registry.runs where run_id = $1`,
      [id, run.experimentId, run.startTime],
    );
    if (!same)
      throw new PlatformError(
        'CONFLICT',
        `There is another run ${id} here: of another experiment, or begun at another time.`,
      );
    if (ended) return false;
    await this.database.query('update registry.runs set status = $2, end_time = $3, name = $4 where run_id = $1', [
      id,
      run.status,
      run.endTime,
      run.runName,
    ]);
    return true;
  }

  async withActiveRun(id: string, work: () => Promise<void>): Promise<void> {
    const [row] = await this.database.query<{ lifecycle: Lifecycle }[]>(
      'select lifecycle_stage as lifecycle from registry.runs where run_id = $1 for update',
      [id],
    );
    if ((row as { lifecycle: Lifecycle } | undefined) === undefined)
      throw new PlatformError('NOT_FOUND', `Run with id=${id} not found`);
    await this.setRunLifecycle(id, 'active');
    await work();
    await this.setRunLifecycle(id, row.lifecycle);
  }

  async setRunLifecycle(id: string, lifecycle: Lifecycle): Promise<void> {
    await this.database.query(
      'update registry.runs set lifecycle_stage = $2 where run_id = $1 and lifecycle_stage <> $2',
      [id, lifecycle],
    );
  }

  async loggedModel(id: string, model: ImportLoggedModel, artifactUri: string): Promise<boolean> {
    const { experimentId, name, status, statusMessage, modelType, sourceRunId, creationTime } = model;
    const made = await this.database.query<unknown[]>(
      `insert into registry.logged_models (model_id, experiment_id, name, status, status_message, model_type,
         source_run_id, artifact_uri, creation_time, last_update_time)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9) on conflict (model_id) do nothing returning model_id`,
      [id, experimentId, name, status, statusMessage, modelType, sourceRunId, artifactUri, creationTime],
    );
    if (made.length > 0) return true;
    await this.mustBe(
      `select experiment_id = $2 and creation_time = $3 as same from registry.logged_models where model_id = $1`,
      [id, experimentId, creationTime],
      `There is another logged model ${id} here: of another experiment, or made at another time.`,
    );
    return false;
  }

  async finishLoggedModel(id: string, { status, statusMessage, lastUpdateTime }: ImportLoggedModel): Promise<void> {
    await this.database.query(
      `update registry.logged_models set status = $2, status_message = $3, last_update_time = $4
       where model_id = $1 and status = 'LOGGED_MODEL_PENDING' and $2 <> 'LOGGED_MODEL_PENDING'`,
      [id, status, statusMessage, lastUpdateTime],
    );
  }

  async stampLoggedModel(id: string, { status, lastUpdateTime }: ImportLoggedModel): Promise<void> {
    await this.database.query(
      'update registry.logged_models set status = $2, last_update_time = $3 where model_id = $1',
      [id, status, lastUpdateTime],
    );
  }

  async model(name: string, { description, creationTime, lastUpdateTime }: ImportModel): Promise<boolean> {
    const made = await this.database.query<unknown[]>(
      `insert into registry.registered_models (name, description, creation_time, last_update_time)
       values ($1, $2, $3, $4) on conflict (name) do nothing returning name`,
      [name, description, creationTime, lastUpdateTime],
    );
    if (made.length > 0) return true;
    await this.mustBe(
      'select creation_time = $2 as same from registry.registered_models where name = $1',
      [name, creationTime],
      `There is another registered model ${name} here, made at another time: rename one of them.`,
    );
    return false;
  }

  async stampModel(name: string, { lastUpdateTime }: ImportModel): Promise<void> {
    await this.database.query('update registry.registered_models set last_update_time = $2 where name = $1', [
      name,
      lastUpdateTime,
    ]);
  }

  async hasVersion(name: string, version: number): Promise<boolean> {
    const [{ found }] = await this.database.query<{ found: boolean }[]>(
      'select exists (select 1 from registry.model_versions where name = $1 and version = $2) as found',
      [name, version],
    );
    return found;
  }

  async version(name: string, version: number, given: ImportVersion, frozen: Frozen): Promise<boolean> {
    // The pointer's row is the queue of its name, and knows the last number that was given.
    await this.database.query(
      `insert into registry.promotion_pointers as known (name, last_version) values ($1, $2)
       on conflict (name) do update set last_version = greatest(known.last_version, $2)`,
      [name, version],
    );
    const { artifactSha256, artifactSize, signature, inputExample, notServableReason } = columnsOfFrozen(frozen);
    const made = await this.database.query<unknown[]>(
      `insert into registry.model_versions (name, version, creation_time, last_update_time, description, current_stage,
         status, status_message, source, storage_location, run_id, run_link, model_id, user_id, origin, promote,
         artifact_sha256, artifact_size, signature, not_servable_reason, input_example)
       values ($1, $2, $3, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 'client', 'never', $14, $15, $16, $17, $18)
       on conflict (name, version) do nothing returning version`,
      [
        ...[name, version, given.creationTime, given.description, given.stage, given.status, given.statusMessage],
        ...[given.source, given.storageLocation, given.runId, given.runLink, given.modelId, given.userId],
        ...[artifactSha256, artifactSize, signature === null ? null : JSON.stringify(signature), notServableReason],
        inputExample,
      ],
    );
    if (made.length > 0) return true;
    await this.mustBe(
      'select creation_time = $3 and source = $4 as same from registry.model_versions where name = $1 and version = $2',
      [name, version, given.creationTime, given.source],
      `There is another version ${String(version)} of ${name} here: of another source, or made at another time.`,
    );
    return false;
  }

  async stampVersion(name: string, version: number, { lastUpdateTime }: ImportVersion): Promise<void> {
    await this.database.query(
      'update registry.model_versions set last_update_time = $3 where name = $1 and version = $2',
      [name, version, lastUpdateTime],
    );
  }

  /** The default experiment is everybody's; any other is the same when name and time of creation are. */
  private async knownExperiment(given: string, { name, creationTime }: ImportExperiment): Promise<string | undefined> {
    const [row] = await this.database.query<{ id: string; same: boolean }[]>(
      `select experiment_id::text as id, creation_time = $2 or (experiment_id = 0 and $3 = '0') as same
       from registry.experiments where name = $1`,
      [name, creationTime, given],
    );
    if ((row as { id: string } | undefined) === undefined) return undefined;
    if (row.same) return row.id;
    throw new PlatformError(
      'CONFLICT',
      `There is another experiment "${name}" here (${row.id}), made at another time: rename one of them.`,
    );
  }

  private async newExperiment(given: string, { name, tags, ...experiment }: ImportExperiment): Promise<string> {
    const [{ id }] = await this.database.query<{ id: string }[]>(
      `insert into registry.experiments
         (experiment_id, name, artifact_location, lifecycle_stage, creation_time, last_update_time)
       select case when exists (select 1 from registry.experiments where experiment_id = $1::bigint)
         then (select greatest(max(experiment_id), $6::bigint) + 1 from registry.experiments) else $1::bigint end, $2, '', $3, $4, $5
       returning experiment_id::text as id`,
      [given, name, experiment.lifecycle, experiment.creationTime, experiment.lastUpdateTime, experiment.above],
    );
    await this.database.query('update registry.experiments set artifact_location = $2 where experiment_id = $1', [
      id,
      experimentLocation(id),
    ]);
    // The next experiment that is made here gets a number of its own.
    await this.database.query(
      `select setval(pg_get_serial_sequence('registry.experiments', 'experiment_id'),
         greatest((select max(experiment_id) from registry.experiments),
           nextval(pg_get_serial_sequence('registry.experiments', 'experiment_id'))))`,
    );
    for (const { key, value } of tags)
      await this.database.query(
        `insert into registry.experiment_tags (experiment_id, key, value) values ($1, $2, $3)
         on conflict (experiment_id, key) do update set value = excluded.value`,
        [id, key, value],
      );
    return id;
  }

  private async mustBe(sql: string, parameters: unknown[], otherwise: string): Promise<void> {
    const [row] = await this.database.query<{ same: boolean }[]>(sql, parameters);
    if (!row.same) throw new PlatformError('CONFLICT', otherwise);
  }
}
