import { lstat, opendir } from 'node:fs/promises';
import { join } from 'node:path';

/** What a folder takes on disk with all below it; links are not followed. Counting ends beyond the limits. */
export const folderSize = async (
  path: string,
  most: { bytes: number; entries: number },
): Promise<{ bytes: number; entries: number }> => {
  const total = { bytes: 0, entries: 0 };
  const folders = [path];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    // Files come and go while they are counted, and some can't be looked at.
    const entries = await opendir(folder).catch(() => undefined);
    if (entries === undefined) continue;
    for await (const entry of entries) {
      total.entries += 1;
      const below = join(folder, entry.name);
      if (entry.isDirectory()) folders.push(below);
      // Blocks, not length: a sparse file takes no more than was written.
      else total.bytes += await lstat(below).then(({ blocks }) => blocks * 512, () => 0); // prettier-ignore
      if (total.bytes > most.bytes || total.entries > most.entries) return total;
    }
  }
  return total;
};
