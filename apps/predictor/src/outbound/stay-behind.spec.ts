import { describe, expect, it, vi } from 'vitest';
import { stayBehind } from './stay-behind.js';

const system = (platform: NodeJS.Platform, nice: number) => ({
  platform,
  getPriority: () => nice,
  setPriority: vi.fn<(pid: number, priority: number) => void>(),
});

describe('stayBehind', () => {
  it.each([
    [0, 10],
    [-5, 5],
    [12, 19],
    [19, 19],
  ])('a thread at nice %i goes to %i', (nice, behind) => {
    const linux = system('linux', nice);
    stayBehind(linux);
    expect(linux.setPriority).toHaveBeenCalledExactlyOnceWith(0, behind);
  });

  it.each(['darwin', 'win32'] as const)(
    'leaves the process alone on %s, whose threads have no priority of their own',
    (platform) => {
      const other = system(platform, 0);
      stayBehind(other);
      expect(other.setPriority).not.toHaveBeenCalled();
    },
  );

  it('goes on where a sandbox forbids it', () => {
    const sandboxed = system('linux', 0);
    sandboxed.setPriority.mockImplementation(() => {
      throw new Error('A system error occurred: uv_os_setpriority returned EPERM');
    });
    expect(() => {
      stayBehind(sandboxed);
    }).not.toThrow();
  });
});
