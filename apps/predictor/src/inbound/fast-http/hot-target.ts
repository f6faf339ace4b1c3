import { parse } from 'node:querystring';

/** A route that answers predictions, taken out of a URL. */
export interface HotTarget {
  kind: 'infer' | 'records';
  name: string | undefined;
  version: string | undefined;
  query: Readonly<Record<string, unknown>>;
}

const INFER = /^\/v2\/models\/([^/?#]+)(?:\/versions\/([^/?#]+))?\/infer$/;
const RECORDS = /^(?:\/models\/([^/?#]+))?\/predict(?:\?([^#]*))?$/;

/** Undefined for every other URL, and for those that only the router of Node's side can tell what they are. */
export const hotTargetOf = (target: string): HotTarget | undefined => {
  const infer = INFER.exec(target);
  const records = infer === null ? RECORDS.exec(target) : null;
  const found = infer ?? records;
  if (found === null) return undefined;
  const name = decoded(found[1]);
  const version = decoded(infer?.[2]);
  if (name === null || version === null) return undefined;
  const query = parse(records?.[2] ?? '');
  return { kind: infer === null ? 'records' : 'infer', name, version, query };
};

/** Null when it can't be decoded. */
const decoded = (part: string | undefined): string | undefined | null => {
  try {
    return part === undefined ? undefined : decodeURIComponent(part);
  } catch {
    return null;
  }
};

/** URLs come again and again; which ones they are is up to clients, so that only so many are remembered. */
const REMEMBERED = 1_000;

/** The same, remembering what it found. */
export const rememberTargets = (): ((target: string) => HotTarget | undefined) => {
  const known = new Map<string, HotTarget | undefined>();
  return (target) => {
    if (known.has(target)) return known.get(target);
    const found = hotTargetOf(target);
    if (known.size < REMEMBERED) known.set(target, found);
    return found;
  };
};
