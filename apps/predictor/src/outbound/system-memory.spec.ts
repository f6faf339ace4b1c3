import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { SystemMemory } from './system-memory.js';

const MB = 1024 * 1024;
const meminfo = 'MemTotal:       16000000 kB\nMemFree:          500000 kB\nMemAvailable:    8000000 kB\n';
const none = '9223372036854771712\n';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'baton-memory-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const available = async (files: Record<string, string>): Promise<number | undefined> => {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  return new SystemMemory(root).availableBytes();
};

const group2 = (path: string, limit: string, usedMB: number, cachedMB = 0, hotMB = 0) => ({
  [`sys/fs/cgroup${path}/memory.max`]: `${limit}\n`,
  [`sys/fs/cgroup${path}/memory.current`]: `${String(usedMB * MB)}\n`,
  [`sys/fs/cgroup${path}/memory.stat`]: `anon 1\nfile 2\ninactive_file ${String(cachedMB * MB)}\nactive_file ${String(hotMB * MB)}\n`,
});

it('is what the machine has left, outside of any limit', async () => {
  expect(await available({ 'proc/meminfo': meminfo, 'proc/self/cgroup': '0::/\n' })).toBe(8_000_000 * 1024);
});

it('is unknown where the system tells nothing', async () => {
  expect(await available({})).toBeUndefined();
});

it('is what the container has left (v2), files that are merely cached not counted as used', async () => {
  const files = { 'proc/meminfo': meminfo, 'proc/self/cgroup': '0::/\n', ...group2('', String(512 * MB), 400, 150) };
  expect(await available(files)).toBe(262 * MB);
});

it('counts files that are read again and again as merely cached, too (v2)', async () => {
  const files = {
    'proc/meminfo': meminfo,
    'proc/self/cgroup': '0::/\n',
    ...group2('', String(512 * MB), 500, 100, 300),
  };
  expect(await available(files)).toBe(412 * MB);
});

it('is the least of all groups around the process (v2)', async () => {
  const files = {
    'proc/meminfo': meminfo,
    'proc/self/cgroup': '0::/kube/pod:1/app\n',
    ...group2('', 'max', 9_000),
    ...group2('/kube', 'max', 900),
    ...group2('/kube/pod:1', String(600 * MB), 500),
    ...group2('/kube/pod:1/app', String(512 * MB), 300),
  };
  expect(await available(files)).toBe(100 * MB);
});

it('is what the container has left (v1), whose own path can not be seen from inside', async () => {
  const base = 'sys/fs/cgroup/memory';
  const files = {
    'proc/meminfo': meminfo,
    'proc/self/cgroup': '9:name=systemd:/x\n4:cpu,memory:/docker/abc\n1:cpuset:/docker/abc\n',
    [`${base}/memory.limit_in_bytes`]: String(256 * MB),
    [`${base}/memory.usage_in_bytes`]: String(200 * MB),
    [`${base}/memory.stat`]: `cache 5\ninactive_file 1\nactive_file 2\ntotal_inactive_file ${String(50 * MB)}\ntotal_active_file ${String(20 * MB)}\n`,
  };
  expect(await available(files)).toBe(126 * MB);
  expect(await available({ [`${base}/memory.limit_in_bytes`]: none })).toBe(8_000_000 * 1024);
});

it('is nothing when more is used than may be', async () => {
  const files = { 'proc/meminfo': meminfo, 'proc/self/cgroup': '0::/../up\n', ...group2('', String(10 * MB), 12) };
  expect(await available(files)).toBe(0);
});
