import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';

/** What a recipe leaves may be anything. Without this flag a pipe that nobody writes to is never opened. */
const CAREFULLY = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW;

export interface PlainFile {
  file: FileHandle;
  sizeBytes: number;
}

/** Opens a file for reading when it is one: no link, pipe, device or folder. Undefined when it is not, or can't be read. */
export const openPlainFile = async (path: string): Promise<PlainFile | undefined> => {
  const file = await open(path, CAREFULLY).catch(() => undefined);
  if (file === undefined) return undefined;
  const facts = await file.stat();
  if (facts.isFile()) return { file, sizeBytes: facts.size };
  await file.close();
  return undefined;
};
