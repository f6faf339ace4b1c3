#!/usr/bin/env node
/** The command as `npx baton` finds it in a clone: builds on first use, and runs on the Node that the clone pins. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const main = here('../../dist/apps/cli/src/main.js');
const pinned = here('../../node_modules/.bin/node');

if (!existsSync(main)) {
  process.stderr.write('Building Baton, once.\n');
  const built = spawnSync('npm', ['run', '--silent', 'build'], { cwd: here('../..'), stdio: ['ignore', 2, 2] });
  if (built.status !== 0 || !existsSync(main)) {
    process.stderr.write('The build failed: run `npm ci` and `npm run build`.\n');
    process.exit(1);
  }
}

if (Number(process.versions.node.split('.')[0]) >= 24 || !existsSync(pinned)) await import(main);
else {
  const { status, signal } = spawnSync(pinned, [main, ...process.argv.slice(2)], { stdio: 'inherit' });
  if (signal !== null) process.kill(process.pid, signal);
  process.exit(status ?? 1);
}
