import { readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { Memory } from '../core/memory.js';
import { availableInGroup, cgroupsOf, meminfoAvailable, type CgroupFiles } from './cgroup.js';

/** Asks Linux: every control group that this process is in (v1 or v2) up to the root, and the machine itself; the least counts. */
export class SystemMemory extends Memory {
  /** @param root where `/proc` and `/sys` lie; another one in tests */
  constructor(private readonly root = '/') {
    super();
  }

  async availableBytes(): Promise<number | undefined> {
    const groups = cgroupsOf(await this.text('proc/self/cgroup'));
    const found = await Promise.all(groups.flatMap((group) => this.upwards(group)));
    const machine = meminfoAvailable(await this.text('proc/meminfo'));
    const known = [...found, machine].filter((bytes) => bytes !== undefined);
    return known.length === 0 ? undefined : Math.min(...known);
  }

  /** The group and those around it; in a container the outer ones are not there to be read. */
  private upwards({ mount, path, files }: CgroupFiles): Promise<number | undefined>[] {
    const paths = [path];
    while (paths[0] !== '/') paths.unshift(posix.dirname(paths[0]));
    return paths.map(async (each) => {
      const [limit, usage, stat] = await Promise.all(
        [files.limit, files.usage, files.stat].map((file) => this.text(join(mount, each, file))),
      );
      return availableInGroup({ limit, usage, stat }, files);
    });
  }

  /** Empty when there is no such file, or none that may be read: then it limits nothing that we could know of. */
  private text(path: string): Promise<string> {
    return readFile(join(this.root, path), 'utf8').catch(() => '');
  }
}
