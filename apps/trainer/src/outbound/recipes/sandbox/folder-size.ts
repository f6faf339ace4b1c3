import { lstat, opendir } from 'node:fs/promises';

/** Longer paths can't be looked at; folders in folders beyond it count as too many. */
const LONGEST_PATH = 4_000;

/**
 * What a folder takes on disk with all below it; links are not followed. Counting ends beyond the limits. Names are bytes: a program
 * may give files any, and what has no name in UTF-8 takes its place all the same.
 */
export const folderSize = async (
  path: string,
  most: { bytes: number; entries: number },
): Promise<{ bytes: number; entries: number }> => {
  const total = { bytes: 0, entries: 0 };
  const folders = [Buffer.from(path)];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    if (folder.length > LONGEST_PATH) return { ...total, entries: Infinity };
    try {
      for await (const entry of await opendir(folder, { encoding: BYTES })) {
        total.entries += 1;
        const below = Buffer.concat([folder, SLASH, Buffer.from(entry.name, BYTES)]);
        if (entry.isDirectory()) folders.push(below);
        // Blocks, not length: a sparse file takes no more than was written.
        else total.bytes += await lstat(below).then(({ blocks }) => blocks * 512, () => 0); // prettier-ignore
        if (total.bytes > most.bytes || total.entries > most.entries) return total;
      }
    } catch {
      /* files come and go while they are counted, and some can't be looked at */
    }
  }
  return total;
};

/** One character for each byte. */
const BYTES = 'latin1';
const SLASH = Buffer.from('/');
