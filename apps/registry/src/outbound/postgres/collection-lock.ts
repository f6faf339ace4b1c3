import { PlatformError } from '#runtime';
import type { RegistryDatabase } from './registry-database.js';

/** Any number, the same in every process. */
const COLLECTION = 4_831_200_518;

/** Within a transaction: from here to its end no version is registered, and what is registered by now is seen. */
export const holdRegistrations = (database: RegistryDatabase): Promise<unknown> =>
  database.query('select pg_advisory_xact_lock($1)', [COLLECTION]);

/**
 * Within a transaction: from here to its end nothing is removed that the version will need.
 * @throws PlatformError NOT_FOUND when its files went just before.
 */
export const holdCollection = async (database: RegistryDatabase, storageLocation: string): Promise<void> => {
  await database.query('select pg_advisory_xact_lock_shared($1)', [COLLECTION]);
  const going = await database.query<unknown[]>(
    `select 1 from registry.purges p where ($1 = p.location or starts_with($1, p.location || '/')) and ${notAlive}`,
    [storageLocation],
  );
  if (going.length > 0)
    throw new PlatformError('NOT_FOUND', `The files at ${storageLocation} were removed with what they belonged to.`);
};

/**
 * Writes a row that names a frozen file.
 * @throws PlatformError STORE_UNAVAILABLE when the file was collected since it was noted, which takes an hour: trying again
 * freezes it again.
 */
export const referringToBlob = async <T>(write: () => Promise<T>): Promise<T> => {
  try {
    return await write();
  } catch (error) {
    const { constraint } = (error as { driverError?: { constraint?: string } }).driverError ?? {};
    if (constraint !== 'model_versions_blob_fk') throw error;
    throw new PlatformError(
      'STORE_UNAVAILABLE',
      'The frozen model was collected as garbage meanwhile; try again.',
      error,
    );
  }
};

/** The place `p.location` was not taken again (an import may bring a run back under its old id). */
export const notAlive = `not exists (select 1 from registry.runs r where r.artifact_uri = p.location)
  and not exists (select 1 from registry.logged_models m where m.artifact_uri = p.location)
  and not exists (select 1 from registry.experiments e where e.artifact_location = p.location)`;
