import type { InventoryEntry } from '#artifacts';

/** Files that belong to nothing: all below one folder. */
export interface Orphan {
  key: string;
  /** The number of the experiment it would belong to, when that is all that is known of it. */
  experimentId?: string;
  sizeBytes: number;
  /** Of the youngest file. */
  modifiedMs: number;
}

const OWNED = /^(.+?\/(?:[0-9a-f]{32}|models\/m-[0-9a-f]{32})\/artifacts)\//;
const NUMBERED = /^[^/]+\/(\d{1,18})\//;

/**
 * Gathers what lies at no live place but where a run or logged model, or an experiment by its number, would have its files.
 * What looks like neither is left alone: people may keep files of their own behind the proxy.
 * @param live keys of the places of everything that exists
 */
export const orphansOf = async (
  entries: AsyncIterable<InventoryEntry>,
  live: () => Promise<ReadonlySet<string>>,
): Promise<Orphan[]> => {
  const groups = new Map<string, Orphan>();
  const unknown: InventoryEntry[] = [];
  for await (const entry of entries) unknown.push(entry);
  // Asked after the store: what was begun meanwhile had its row before its files.
  const places = await live();
  for (const { key, sizeBytes, modifiedMs } of unknown) {
    if (hasOwner(key, places)) continue;
    const owned = OWNED.exec(key)?.[1];
    const experimentId = NUMBERED.exec(key)?.[1];
    const group =
      owned ?? (experimentId === undefined ? undefined : key.slice(0, key.indexOf('/', key.indexOf('/') + 1)));
    if (group === undefined) continue;
    const orphan = groups.get(group) ?? {
      key: group,
      ...(owned === undefined && { experimentId }),
      sizeBytes: 0,
      modifiedMs: 0,
    };
    orphan.sizeBytes += sizeBytes;
    orphan.modifiedMs = Math.max(orphan.modifiedMs, modifiedMs);
    groups.set(group, orphan);
  }
  const held = [...places];
  return [...groups.values()].filter(({ key }) => !held.some((place) => place.startsWith(`${key}/`)));
};

const hasOwner = (key: string, places: ReadonlySet<string>): boolean => {
  for (let end = key.length; end > 0; end = key.lastIndexOf('/', end - 1))
    if (places.has(key.slice(0, end))) return true;
  return false;
};
