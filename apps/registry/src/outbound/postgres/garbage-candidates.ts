import { PlatformError } from '#runtime';
import type { Deleted, DeletedKind, GarbageWish } from '../../core/garbage/garbage.js';
import type { RegistryDatabase } from './registry-database.js';

interface Row {
  id: string;
  location: string;
  deleted: boolean;
  old: boolean;
}

/** As `id, location, deleted, old`; `$1` is the moment before which it must have been deleted. */
const rows: Record<DeletedKind, string> = {
  run: `select run_id as id, artifact_uri as location, lifecycle_stage = 'deleted' as deleted,
      coalesce(deleted_time <= $1, false) as old from registry.runs`,
  'logged-model': `select model_id as id, artifact_uri as location, lifecycle_stage = 'deleted' as deleted,
      last_update_time <= $1 as old from registry.logged_models`,
  experiment: `select experiment_id::text as id, artifact_location as location, lifecycle_stage = 'deleted' as deleted,
      last_update_time <= $1 as old from registry.experiments`,
};
const keys: Record<DeletedKind, string> = {
  run: 'run_id',
  'logged-model': 'model_id',
  experiment: 'experiment_id::text',
};

/** What MLflow's gc would take: what is deleted and old enough, and with an experiment all that is in it. */
export const deletedThings = async (
  database: RegistryDatabase,
  { runIds, loggedModelIds, experimentIds, olderThanMs }: GarbageWish,
  nowMs: number,
): Promise<Deleted[]> => {
  const before = nowMs - olderThanMs;
  const anyNamed = runIds ?? loggedModelIds ?? experimentIds;
  const of = (kind: DeletedKind, ids: string[] | undefined): Promise<Deleted[]> => {
    if (ids !== undefined) return named(database, kind, ids, before);
    return anyNamed === undefined ? all(database, kind, before) : Promise.resolve([]);
  };
  const experiments = await of('experiment', experimentIds);
  const inside = experiments.map(({ id }) => id);
  return unique([
    ...(await of('run', runIds)),
    ...(await within(database, 'run', inside)),
    ...(await of('logged-model', loggedModelIds)),
    ...(await within(database, 'logged-model', inside)),
    ...experiments,
  ]);
};

const all = async (database: RegistryDatabase, kind: DeletedKind, before: number): Promise<Deleted[]> => {
  const found = await database.query<Row[]>(`select * from (${rows[kind]}) as t where deleted and old order by id`, [
    before,
  ]);
  return found.map(({ id, location }) => ({ kind, id, location }));
};

const within = async (database: RegistryDatabase, kind: 'run' | 'logged-model', ids: string[]): Promise<Deleted[]> => {
  // A run that somebody restored alone keeps its experiment; models follow their experiment, deleted or not.
  const which = kind === 'run' ? `and lifecycle_stage = 'deleted'` : '';
  const found = await database.query<Row[]>(
    `${rows[kind]} where experiment_id = any($2::bigint[]) ${which} order by 1`,
    [0, ids],
  );
  return found.map(({ id, location }) => ({ kind, id, location }));
};

const named = async (
  database: RegistryDatabase,
  kind: DeletedKind,
  ids: string[],
  before: number,
): Promise<Deleted[]> => {
  const found = await database.query<Row[]>(`${rows[kind]} where ${keys[kind]} = any($2::text[])`, [before, ids]);
  const what = kind.replace('-', ' ');
  return ids.map((id) => {
    const row = found.find((each) => each.id === id);
    if (row === undefined) throw new PlatformError('NOT_FOUND', `There is no ${what} ${id}.`);
    if (!row.deleted)
      throw new PlatformError(
        'REQUEST_INVALID',
        `The ${what} ${id} is not deleted; only what is deleted can be collected.`,
      );
    if (!row.old) throw new PlatformError('REQUEST_INVALID', `The ${what} ${id} was deleted more recently than that.`);
    return { kind, id, location: row.location };
  });
};

const unique = (things: Deleted[]): Deleted[] => [
  ...new Map(things.map((thing) => [`${thing.kind}/${thing.id}`, thing])).values(),
];
