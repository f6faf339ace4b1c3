/** Where a control group tells of its memory. */
export interface CgroupFiles {
  /** Relative to the root of the file system. */
  mount: string;
  /** Of the group below the mount, beginning with `/`. */
  path: string;
  files: { limit: string; usage: string; stat: string; reclaimable: readonly string[] };
}

/** Files that were read more than once are as much a copy of the disk as those read once, and give way after them. */
const v2 = {
  limit: 'memory.max',
  usage: 'memory.current',
  stat: 'memory.stat',
  reclaimable: ['inactive_file', 'active_file'],
};
const v1 = {
  limit: 'memory.limit_in_bytes',
  usage: 'memory.usage_in_bytes',
  stat: 'memory.stat',
  reclaimable: ['total_inactive_file', 'total_active_file'],
};

/** v1 writes "no limit" as the largest multiple of the page size; no machine has a pebibyte. */
const NO_LIMIT_BYTES = 2 ** 50;

/** The groups that hold the memory of a process, out of its `/proc/self/cgroup`: `<id>:<controllers>:<path>` a line. */
export const cgroupsOf = (procSelfCgroup: string): CgroupFiles[] =>
  procSelfCgroup.split('\n').flatMap((line) => {
    const [, controllers, ...rest] = line.split(':');
    const path = rest.join(':');
    // A group outside of our namespace is shown as `/../…`: what we can read is the root of our own.
    const own = path.startsWith('/') && !path.startsWith('/..') ? path : '/';
    if (line === '' || rest.length === 0) return [];
    if (controllers === '') return [{ mount: 'sys/fs/cgroup', path: own, files: v2 }];
    if (!controllers.split(',').includes('memory')) return [];
    return [{ mount: 'sys/fs/cgroup/memory', path: own, files: v1 }];
  });

/**
 * What is left in a group that has a limit. Files that the system keeps cached count as used there, and give way when memory is
 * wanted: without taking them off, every model that was ever read from the disk would seem to fill the container.
 */
export const availableInGroup = (
  texts: { limit: string; usage: string; stat: string },
  { reclaimable }: CgroupFiles['files'],
): number | undefined => {
  const [limit, usage] = [numberOf(texts.limit), numberOf(texts.usage)];
  if (limit === undefined || usage === undefined || limit >= NO_LIMIT_BYTES) return undefined;
  const lines = texts.stat.split('\n').map((line) => line.split(' '));
  const cached = lines
    .filter(([name]) => reclaimable.includes(name))
    .reduce((sum, [, value = '']) => sum + (numberOf(value) ?? 0), 0);
  return Math.max(0, limit - Math.max(0, usage - cached));
};

/** `MemAvailable` of `/proc/meminfo`: what can be had without swapping. */
export const meminfoAvailable = (meminfo: string): number | undefined => {
  const kilobytes = /^MemAvailable:\s+(\d+) kB$/m.exec(meminfo)?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
};

/** Undefined for `max` and for what is no number. */
const numberOf = (text: string): number | undefined => (/^\d+\s*$/.test(text) ? Number(text) : undefined);
