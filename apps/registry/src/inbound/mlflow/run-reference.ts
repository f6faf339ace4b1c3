import { z } from 'zod';
import { required } from './fields.js';

/** Clients send `run_id`, `run_uuid` or both; the message reader takes the second where the first is missing. */
export const runReference = z.object({ run_id: required });

export const runIdOf = ({ run_id }: z.infer<typeof runReference>): string => run_id;
