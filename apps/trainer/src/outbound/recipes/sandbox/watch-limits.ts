import { PlatformError } from '#runtime';
import type { Family } from './family.js';
import { folderSize } from './folder-size.js';
import { memoryOf } from './processes.js';

export interface SandboxLimits {
  /** Of all processes together. */
  memoryBytes: number;
  /** Of the work folder. */
  diskBytes: number;
  processes: number;
  timeoutMs: number;
}

/** Files and folders that a recipe may leave lying; more would outlast the patience of whoever removes them. */
const MOST_FILES = 100_000;
const MEMORY_EVERY_MS = 250;
const DISK_EVERY_MS = 500;

/** Looks at what a recipe takes, and tells once when it is too much. Answers a function that ends the watch. */
export const watchLimits = (
  family: Family,
  folder: string,
  limits: SandboxLimits,
  onExceeded: (why: PlatformError) => void,
): (() => void) => {
  let over = false;
  const tell = (why: PlatformError): void => {
    if (!over) onExceeded(why);
    over = true;
  };
  const memory = setInterval(() => {
    const why = memoryFault(family, limits);
    if (why !== undefined) tell(why);
  }, MEMORY_EVERY_MS);
  let disk: NodeJS.Timeout | undefined;
  const measure = (): void => {
    disk = setTimeout(() => {
      void checkFolder(folder, limits.diskBytes, tell).then(() => {
        if (!over) measure();
      });
    }, DISK_EVERY_MS);
  };
  measure();
  return () => {
    over = true;
    clearInterval(memory);
    clearTimeout(disk);
  };
};

/** Tells when a work folder holds more than it may. */
export const checkFolder = async (
  folder: string,
  diskBytes: number,
  onExceeded: (why: PlatformError) => void,
): Promise<void> => {
  const { bytes, entries } = await folderSize(folder, { bytes: diskBytes, entries: MOST_FILES });
  if (entries > MOST_FILES)
    onExceeded(
      exceeded(
        `The recipe left more than ${String(MOST_FILES)} files in its work folder, or folders too deep in each other.`,
      ),
    );
  else if (bytes > diskBytes)
    onExceeded(
      exceeded(
        `The recipe filled its work folder with more than ${inMiB(diskBytes)}; let it write less, or raise its limit.`,
      ),
    );
};

const memoryFault = (family: Family, { processes, memoryBytes }: SandboxLimits): PlatformError | undefined => {
  const members = family.members();
  if (members.length > processes) return exceeded(`The recipe started more than ${String(processes)} processes.`);
  const bytes = members.reduce((sum, { pid }) => sum + memoryOf(pid), 0);
  return bytes <= memoryBytes
    ? undefined
    : exceeded(
        `The recipe used ${inMiB(bytes)} of memory, more than its ${inMiB(memoryBytes)}; give it smaller data or parameters, or raise its limit.`,
      );
};

const exceeded = (sentence: string): PlatformError => new PlatformError('RECIPE_LIMIT_EXCEEDED', sentence);

const inMiB = (bytes: number): string => `${String(Math.ceil(bytes / 1024 / 1024))} MiB`;
