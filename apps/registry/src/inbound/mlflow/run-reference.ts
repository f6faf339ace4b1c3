import { z } from 'zod';
import { PlatformError } from '#runtime';
import { text } from './fields.js';

/** Clients send `run_id`, `run_uuid` or both. */
export const runReference = z.object({ run_id: text.optional(), run_uuid: text.optional() });

/** @throws PlatformError REQUEST_INVALID when neither is there. */
export const runIdOf = ({ run_id, run_uuid }: z.infer<typeof runReference>): string => {
  const runId = run_id || run_uuid;
  if (runId) return runId;
  throw new PlatformError(
    'REQUEST_INVALID',
    "Missing value for required parameter 'run_id'. See the API docs for more information about request parameters.",
  );
};
