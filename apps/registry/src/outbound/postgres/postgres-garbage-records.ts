import { GarbageRecords, type Deleted, type GarbageWish, type Verdict } from '../../core/garbage/garbage.js';
import { holdRegistrations, notAlive } from './collection-lock.js';
import { deletedThings } from './garbage-candidates.js';
import { reasonToKeep, removeRows, sharedPlace } from './garbage-verdicts.js';
import type { RegistryDatabase } from './registry-database.js';

export class PostgresGarbageRecords extends GarbageRecords {
  constructor(private readonly database: RegistryDatabase) {
    super();
  }

  deleted(wish: GarbageWish, nowMs: number): Promise<Deleted[]> {
    return deletedThings(this.database, wish, nowMs);
  }

  async judge(thing: Deleted, gone: readonly Deleted[]): Promise<Verdict> {
    const reason = await reasonToKeep(this.database, thing, gone);
    if (reason !== undefined) return { kept: reason };
    return { purge: (await sharedPlace(this.database, thing, gone)) ? undefined : thing.location };
  }

  remove(thing: Deleted): Promise<Verdict> {
    return this.database.transaction(async () => {
      await holdRegistrations(this.database);
      const verdict = await this.judge(thing, []);
      if ('kept' in verdict) return verdict;
      if (verdict.purge !== undefined)
        await this.database.query(
          `insert into registry.purges (location) values ($1)
           on conflict (location) do update set began_at = now(), done_at = null`,
          [verdict.purge],
        );
      await removeRows(this.database, thing);
      return verdict;
    });
  }

  async unfinishedPurges(): Promise<string[]> {
    const rows = await this.database.query<{ location: string }[]>(
      `select p.location from registry.purges p where p.done_at is null and ${notAlive} order by p.began_at`,
    );
    return rows.map(({ location }) => location);
  }

  async purged(location: string): Promise<void> {
    await this.database.query('update registry.purges set done_at = now() where location = $1', [location]);
  }

  async forgetPurges(beforeMs: number): Promise<void> {
    await this.database.query('delete from registry.purges where done_at < to_timestamp($1::double precision / 1000)', [
      beforeMs,
    ]);
  }

  async liveLocations(): Promise<string[]> {
    const rows = await this.database.query<{ location: string }[]>(
      `select artifact_uri as location from registry.runs
       union select artifact_uri from registry.logged_models
       union select storage_location from registry.model_versions
       union select artifact_location from registry.experiments where artifact_location !~ '^mlflow-artifacts:/[^/]*$'`,
    );
    return rows.map(({ location }) => location);
  }

  async formerExperiments(ids: string[]): Promise<Set<string>> {
    const rows = await this.database.query<{ id: string }[]>(
      `select id from unnest($1::text[]) as id
       where id::bigint <= (select last_value from pg_sequences
           where schemaname = 'registry' and sequencename = 'experiments_experiment_id_seq')
         and not exists (select 1 from registry.experiments e
           where e.experiment_id = id::bigint or e.artifact_location = 'mlflow-artifacts:/' || id)`,
      [ids],
    );
    return new Set(rows.map(({ id }) => id));
  }

  async wantedBlobs(): Promise<Set<string>> {
    const rows = await this.database.query<{ sha256: string }[]>(`select sha256 from (${wanted}) as w`);
    return new Set(rows.map(({ sha256 }) => sha256));
  }

  withoutBlob(sha256: string, wantedBeforeMs: number, act: () => Promise<void>): Promise<boolean> {
    return this.database.transaction(async () => {
      // A file that was never noted (a crash in between, an older release) gets its row, so that there is one to hold.
      await this.database.query(
        `insert into registry.frozen_blobs (sha256, wanted_at) values ($1, 'epoch') on conflict do nothing`,
        [sha256],
      );
      const held = await this.database.query<unknown[]>(
        `select 1 from registry.frozen_blobs
         where sha256 = $1 and wanted_at < to_timestamp($2::double precision / 1000) for update`,
        [sha256, wantedBeforeMs],
      );
      if (held.length === 0) return false;
      const referred = await this.database.query<unknown[]>(
        `select 1 from (${wanted}) as w where sha256 = $1 limit 1`,
        [sha256],
      );
      if (referred.length > 0) return false;
      await act();
      await this.database.query('delete from registry.frozen_blobs where sha256 = $1', [sha256]);
      return true;
    });
  }
}

/** Versions name what is served and what can be rolled back to; records of the outbox what a predictor may yet be told. */
const wanted = `select artifact_sha256 as sha256 from registry.model_versions where artifact_sha256 is not null
  union select payload->'artifact'->>'sha256' from registry.outbox
    where aggregatetype = 'model.promoted' and payload->'artifact'->>'sha256' is not null`;
