import { isDeepStrictEqual } from 'node:util';

/** What is each server's own: ids it made, and where it keeps things. */
const own = new Set(['artifact_uri', 'run_id', 'run_uuid', 'experiment_id', 'artifact_location', 'next_page_token']);
/** Lists of named things, which a server may give in any order. */
const byKey = (value: unknown): value is { key: string }[] =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.every((entry) => typeof entry === 'object' && entry !== null && 'key' in entry);

/** The fields that matter, in one order; lists of runs and points of a history stay in theirs. */
export const essence = (value: unknown, kept: ReadonlySet<string> = new Set()): unknown => {
  if (Array.isArray(value)) {
    const entries = value.map((entry) => essence(entry, kept));
    const unique = byKey(value) && new Set(value.map(({ key }) => key)).size === value.length;
    return unique ? (entries as { key: string }[]).toSorted((a, b) => (a.key < b.key ? -1 : 1)) : entries;
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !own.has(name) || kept.has(name))
      .map(([name, entry]) => [name, essence(entry, kept)] as const)
      .filter(([, entry]) => !isEmpty(entry))
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
};

const isEmpty = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0;

/** A figure of answers that differ would be worth nothing. @throws Error showing where they part. */
export const mustBeEqual = (what: string, ours: unknown, theirs: unknown, kept: readonly string[] = []): void => {
  const [a, b] = [ours, theirs].map((answer) => essence(answer, new Set(kept)));
  if (isDeepStrictEqual(a, b)) return;
  throw new Error(`${what}: the answers differ at ${firstDifference(a, b)}`);
};

const firstDifference = (ours: unknown, theirs: unknown, path = '$'): string => {
  if (typeof ours === 'object' && typeof theirs === 'object' && ours !== null && theirs !== null) {
    const [a, b] = [ours as Record<string, unknown>, theirs as Record<string, unknown>];
    for (const name of new Set([...Object.keys(a), ...Object.keys(b)]))
      if (!isDeepStrictEqual(a[name], b[name])) return firstDifference(a[name], b[name], `${path}.${name}`);
  }
  return `${path}: ours ${short(ours)}, theirs ${short(theirs)}`;
};

const short = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 300));
