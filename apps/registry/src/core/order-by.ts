import { PlatformError } from '#runtime';

export interface OrderBy {
  /** One of the allowed keys. */
  key: string;
  ascending: boolean;
}

const clause = /^\s*(?:(?:attributes?|attr|run)\.)?(?:`([^`]+)`|"([^"]+)"|([\w.]+))(?:\s+(asc|desc))?\s*$/i;

/**
 * Reads MLflow's order-by clauses, such as `attributes.start_time DESC`, for a search that knows `allowed` keys.
 * @throws PlatformError REQUEST_INVALID for an unreadable clause, an unknown key or one named twice.
 */
export const parseOrderBy = (clauses: readonly string[], allowed: readonly string[]): OrderBy[] => {
  const parsed = clauses.map((text) => {
    const found = clause.exec(text);
    if (found === null) throw new PlatformError('REQUEST_INVALID', `Invalid order_by clause '${text}'.`);
    const [, ticked, quoted, bare, direction] = found as (string | undefined)[];
    const key = ticked ?? quoted ?? bare ?? '';
    if (!allowed.includes(key))
      throw new PlatformError(
        'REQUEST_INVALID',
        `Invalid order by key '${key}'. Valid keys are ${allowed.join(', ')}.`,
      );
    return { key, ascending: direction?.toLowerCase() !== 'desc' };
  });
  const twice = parsed.find(({ key }, at) => parsed.findIndex((other) => other.key === key) !== at);
  if (twice !== undefined)
    throw new PlatformError('REQUEST_INVALID', `order_by contains duplicate field '${twice.key}'.`);
  return parsed;
};
