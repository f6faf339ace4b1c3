import { randomUUID } from 'node:crypto';
import { chmod, opendir, rename, rm } from 'node:fs/promises';

/** One character for each byte: a program may give files any name. */
const BYTES = 'latin1';
const SLASH = Buffer.from('/');

/** Removes a folder whatever a recipe made of it: one closed against everybody, or deeper than any path may be long. */
export const removeFolder = async (path: string): Promise<void> => {
  try {
    await rm(path, { recursive: true, force: true, maxRetries: 2 });
  } catch {
    await flatten(Buffer.from(path));
    await rm(path, { recursive: true, force: true, maxRetries: 5 });
  }
};

/** Opens every folder below and moves it up, so that none lies in another. */
const flatten = async (root: Buffer): Promise<void> => {
  await chmod(root, 0o700);
  const folders = await foldersIn(root);
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    await chmod(folder, 0o700);
    for (const below of await foldersIn(folder)) {
      // Moving a folder writes to it: it has to know what it lies in.
      await chmod(below, 0o700);
      const place = join(root, randomUUID());
      await rename(below, place);
      folders.push(place);
    }
  }
};

const foldersIn = async (folder: Buffer): Promise<Buffer[]> => {
  const found: Buffer[] = [];
  for await (const entry of await opendir(folder, { encoding: BYTES }))
    if (entry.isDirectory()) found.push(join(folder, entry.name));
  return found;
};

const join = (folder: Buffer, name: string): Buffer => Buffer.concat([folder, SLASH, Buffer.from(name, BYTES)]);
