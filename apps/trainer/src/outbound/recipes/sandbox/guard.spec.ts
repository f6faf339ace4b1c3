import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { eventually } from '#testing';
import { factsOf } from './processes.js';

const sandbox = resolve('dist/apps/trainer/src/outbound/recipes/sandbox/run-sandboxed.js');

describe('a foreign recipe whose trainer is killed', () => {
  it('ends with all of its group, though it does not listen', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'baton-guard-'));
    const recipe = `
      process.on('SIGTERM', () => {});
      const child = require('node:child_process').spawn('sleep', ['600'], { stdio: 'ignore' });
      console.log(process.pid + ' ' + child.pid);
      setInterval(() => {}, 1000);`;
    // A stand-in for the trainer.
    const trainer = spawn(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        `import { runSandboxed } from ${JSON.stringify(sandbox)};
         const output = { read: async (stream, isError) => { for await (const chunk of stream) if (!isError) process.stdout.write(chunk); }, keep() {} };
         await runSandboxed({
           argv: [process.execPath, '-e', ${JSON.stringify(recipe)}], folder: ${JSON.stringify(folder)}, environment: {}, mark: 'guard-spec', graceMs: 100, guarded: true,
           limits: { memoryBytes: 2 ** 30, diskBytes: 2 ** 30, processes: 20, timeoutMs: 600_000 },
         }, output, new AbortController().signal);`,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    try {
      const [line] = (await once(createInterface({ input: trainer.stdout }), 'line')) as [string];
      const pids = line.split(' ').map(Number);
      for (const pid of pids) expect(factsOf(pid)).toBeDefined();
      trainer.kill('SIGKILL');
      await eventually(() => {
        for (const pid of pids) expect(factsOf(pid)).toBeUndefined();
      });
    } finally {
      trainer.kill('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    }
  });
});
