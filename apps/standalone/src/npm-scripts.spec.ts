import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';

// npm hands a signal to the shell of its script only, and a shell that waits for its child does not pass it on: a SIGTERM
// to `npm start` alone would leave everything running.
it.each(['start', 'demo'])('the process of `npm run %s` is the one that npm sends signals to', async (script) => {
  const { scripts } = JSON.parse(await readFile('package.json', 'utf8')) as { scripts: Record<string, string> };
  const folder = await mkdtemp(join(tmpdir(), 'baton-scripts-'));
  try {
    const node = join(folder, 'node');
    await writeFile(node, '#!/bin/sh\necho $$\n');
    await chmod(node, 0o755);
    const shell = spawn('sh', ['-c', `${scripts[script]} --data-dir x`], { env: { PATH: `${folder}:/usr/bin:/bin` } });
    const [said] = await Promise.all([text(shell.stdout), once(shell, 'exit')]);
    expect(Number(said)).toBe(shell.pid);
  } finally {
    await rm(folder, { recursive: true });
  }
});
