import { createHash } from 'node:crypto';
import type { TrainingPlan } from './training-plan.js';

/**
 * One text for one training: the same recipe, parameters and bytes of data, by whatever address they came, give the same.
 * `register` is in it, because a run without a version leaves the version to be made.
 */
export const fingerprintOf = (
  { recipe, dataset, ...plan }: TrainingPlan,
  register: boolean,
  dataSha256: string,
): string => {
  const { uri: _, ...columns } = dataset ?? { uri: '' };
  const told = { ...plan, recipe: recipe.id, columns, register, dataSha256 };
  return createHash('sha256')
    .update(JSON.stringify(sorted(told)))
    .digest('hex');
};

/** JSON that went through a database comes back with its keys in another order. */
const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, entry]) => [key, sorted(entry)]),
  );
};
