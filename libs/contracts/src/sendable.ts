import type { z } from 'zod';

/** A broker takes records of one MiB unless it is told otherwise; a character takes up to three bytes. */
const MOST_CHARACTERS = 250_000;

/**
 * Refuses what becomes a record that no broker takes: one that was promised, and lies in an outbox, would hold up all behind it. Long
 * lists belong into a data set.
 */
export const ofSendableSize = (value: unknown, context: z.core.$RefinementCtx): void => {
  const size = JSON.stringify(value).length;
  if (size > MOST_CHARACTERS)
    context.addIssue({
      code: 'custom',
      message: `has ${String(size)} characters as JSON, more than ${String(MOST_CHARACTERS)}; put what is long into a data set`,
    });
};
