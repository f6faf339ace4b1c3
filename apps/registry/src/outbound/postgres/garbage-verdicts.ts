import type { Deleted, DeletedKind } from '../../core/garbage/garbage.js';
import type { RegistryDatabase } from './registry-database.js';

const idsOf = (gone: readonly Deleted[], kind: DeletedKind): string[] =>
  gone.filter((thing) => thing.kind === kind).map(({ id }) => id);

const isWithin = (column: string, place: string): string =>
  `${column} = ${place} or starts_with(${column}, ${place} || '/')`;

/**
 * Versions that came from it, or whose files lie in its place; `$1` is its id, `$2` its place. What is imported, or was
 * registered by its address alone, names neither run nor model, but in its source.
 */
const versionsOf: Record<'run' | 'logged-model', string> = {
  run: `v.run_id = $1 or ${isWithin('v.source', `'runs:/' || $1`)}
    or exists (select 1 from registry.logged_models m where m.source_run_id = $1
      and (m.model_id = v.model_id or ${isWithin('v.source', `'models:/' || m.model_id`)}
        or ${isWithin('v.storage_location', 'm.artifact_uri')}))`,
  'logged-model': `v.model_id = $1 or ${isWithin('v.source', `'models:/' || $1`)}`,
};

/** Why it has to stay, if it has to. */
export const reasonToKeep = async (
  database: RegistryDatabase,
  thing: Deleted,
  gone: readonly Deleted[],
): Promise<string | undefined> => {
  if (thing.kind === 'experiment') return reasonOfExperiment(database, thing, gone);
  const table = thing.kind === 'run' ? 'runs' : 'logged_models';
  const key = thing.kind === 'run' ? 'run_id' : 'model_id';
  // Held from here on: nobody restores it in between.
  const [row] = await database.query<{ deleted: boolean }[]>(
    `select t.lifecycle_stage = 'deleted' or e.lifecycle_stage = 'deleted' as deleted
     from registry.${table} t join registry.experiments e using (experiment_id) where t.${key} = $1 for update of t`,
    [thing.id],
  );
  if (!(row as { deleted: boolean } | undefined)?.deleted) return 'it was restored or removed meanwhile';
  const [version] = await database.query<{ name: string; version: number }[]>(
    `select v.name, v.version from registry.model_versions v
     where ${versionsOf[thing.kind]} or ${isWithin('v.source', '$2')} or ${isWithin('v.storage_location', '$2')}
     order by v.name, v.version limit 1`,
    [thing.id, thing.location],
  );
  return (
    (version as { name: string; version: number } | undefined) &&
    `version ${String(version.version)} of ${version.name} came from it`
  );
};

const reasonOfExperiment = async (
  database: RegistryDatabase,
  { id }: Deleted,
  gone: readonly Deleted[],
): Promise<string | undefined> => {
  if (id === '0') return 'the default experiment has to exist';
  const [row] = await database.query<{ lifecycle_stage: string }[]>(
    'select lifecycle_stage from registry.experiments where experiment_id = $1 for update',
    [id],
  );
  if ((row as { lifecycle_stage: string } | undefined)?.lifecycle_stage !== 'deleted')
    return 'it was restored or removed meanwhile';
  const [held] = await database.query<{ what: string }[]>(
    `select 'run ' || run_id as what from registry.runs where experiment_id = $1 and run_id <> all($2::text[])
     union all
     select 'logged model ' || model_id from registry.logged_models where experiment_id = $1 and model_id <> all($3::text[])
     limit 1`,
    [id, idsOf(gone, 'run'), idsOf(gone, 'logged-model')],
  );
  return (held as { what: string } | undefined) && `${held.what} is kept`;
};

/** True when something else that stays has its files at, in or around the place: then its files are not touched. */
export const sharedPlace = async (
  database: RegistryDatabase,
  { kind, id, location }: Deleted,
  gone: readonly Deleted[],
): Promise<boolean> => {
  // Runs and models have their places by their own ids; only an experiment's can be named by anybody.
  if (kind !== 'experiment') return experimentWithin(database, location);
  const without = (of: DeletedKind): string[] => [...idsOf(gone, of), ...(of === 'experiment' ? [id] : [])];
  const there = (column: string): string => `(${column} = $1 or starts_with(${column}, $1 || '/'))`;
  const found = await database.query<unknown[]>(
    `select 1 from registry.runs where ${there('artifact_uri')} and run_id <> all($2::text[])
     union all
     select 1 from registry.logged_models where ${there('artifact_uri')} and model_id <> all($3::text[])
     union all
     select 1 from registry.experiments where ${there('artifact_location')} and experiment_id::text <> all($4::text[])
     union all
     select 1 from registry.model_versions where ${there('storage_location')}
     limit 1`,
    [location, without('run'), without('logged-model'), without('experiment')],
  );
  return found.length > 0;
};

const experimentWithin = async (database: RegistryDatabase, location: string): Promise<boolean> => {
  const found = await database.query<unknown[]>(
    `select 1 from registry.experiments where artifact_location = $1 or starts_with(artifact_location, $1 || '/') limit 1`,
    [location],
  );
  return found.length > 0;
};

/** What belongs to it goes by foreign keys, but for points of metrics, which have none. */
export const removeRows = async (database: RegistryDatabase, { kind, id }: Deleted): Promise<void> => {
  if (kind === 'run') {
    await database.query('delete from registry.run_metrics where run_id = $1', [id]);
    await database.query('delete from registry.runs where run_id = $1', [id]);
  } else if (kind === 'logged-model') {
    await database.query('delete from registry.run_model_inputs where model_id = $1', [id]);
    await database.query('delete from registry.run_model_outputs where model_id = $1', [id]);
    await database.query('delete from registry.logged_models where model_id = $1', [id]);
  } else await database.query('delete from registry.experiments where experiment_id = $1', [id]);
};
