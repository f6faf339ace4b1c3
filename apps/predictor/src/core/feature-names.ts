/**
 * The short form of a feature name: a parenthesised unit dropped, everything but letters and digits one `_`, lower case.
 * `sepal length (cm)` → `sepal_length`.
 */
export const shortForm = (name: string): string => {
  // Behind the last closing parenthesis nothing can be dropped; looking there costs the square of a client's "((((".
  const end = name.lastIndexOf(')') + 1;
  return underscored(name.slice(0, end).replace(/\([^)]*\)/g, ' ') + name.slice(end));
};

const underscored = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '_')
    .replace(/^_+|_+$/g, '');

/** What a field of a record means. */
export type FeatureMatch = { column: number } | { unknown: true } | { ambiguous: string[] };

/**
 * Finds the column that a field means: by its exact name first, then by a short form (with the unit or without it) that
 * belongs to one column only. Answers are remembered: a data set has few field names and many rows.
 */
export const compileFeatureNames = (names: string[]): ((field: string) => FeatureMatch) => {
  const exact = new Map(names.map((name, column) => [name, column]));
  const short = new Map<string, Set<number>>();
  names.forEach((name, column) => {
    for (const form of new Set([shortForm(name), underscored(name)])) {
      if (form === '') continue;
      short.set(form, (short.get(form) ?? new Set()).add(column));
    }
  });
  const remembered = new Map<string, FeatureMatch>();
  const find = (field: string): FeatureMatch => {
    const column = exact.get(field);
    if (column !== undefined) return { column };
    const columns = [...(short.get(underscored(field)) ?? short.get(shortForm(field)) ?? [])];
    if (columns.length === 0) return { unknown: true };
    return columns.length === 1 ? { column: columns[0] } : { ambiguous: columns.map((at) => names[at]) };
  };
  return (field) => {
    const known = remembered.get(field);
    if (known !== undefined) return known;
    const match = find(field);
    // Bounded, because the names come from outside.
    if (remembered.size < 4 * names.length) remembered.set(field, match);
    return match;
  };
};
