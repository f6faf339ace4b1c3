import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * A folder of the cache that is whole or not there: it is made beside its place and then renamed. Two runs that make it at the same
 * time both succeed, and the second one's copy is thrown away.
 */
export const cached = async (
  cacheDir: string,
  name: string,
  make: (folder: string) => Promise<void>,
): Promise<string> => {
  const place = join(cacheDir, 'programs', name);
  if (existsSync(place)) return place;
  mkdirSync(dirname(place), { recursive: true });
  const draft = mkdtempSync(`${place}.draft-`);
  try {
    await make(draft);
    if (!existsSync(place)) renameSync(draft, place);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  return place;
};

/** Runs a build tool to its end. @throws Error with what to install when it is missing, or with its output when it fails. */
export const runTool = (
  command: string,
  args: string[],
  options: { install: string; cwd?: string; environment?: NodeJS.ProcessEnv },
): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: options.environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const keep = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-4_000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('error', () => {
      reject(new Error(`${command} is not installed. ${options.install}`));
    });
    child.once('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`${command} ${args.join(' ')} failed with code ${String(code)}:\n${output.trimEnd()}`));
    });
  });
