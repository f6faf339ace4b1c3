import { superseded, type Attempt } from '../../core/training-attempts.js';
import type { RegistryDatabase } from './registry-database.js';

/**
 * Keeps another attempt from taking over until the transaction ends.
 * @throws PlatformError ATTEMPT_SUPERSEDED when one already has.
 */
export const holdAttempt = async (database: RegistryDatabase, { requestId, fence }: Attempt): Promise<void> => {
  const held = await database.query<unknown[]>(
    `select 1 from registry.training_attempts
     where request_id = $1 and fence = $2 and token_sha256 is not null for share`,
    [requestId, fence],
  );
  if (held.length === 0) throw superseded(requestId);
};
