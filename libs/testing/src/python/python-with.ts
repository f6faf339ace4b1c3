import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { runEnvironment } from '../environment.js';
import { cached, runTool } from '../native/program-cache.js';

/** The interpreter of a virtual environment, or why there is none. */
export type Python = { python: string; missing?: undefined } | { python?: undefined; missing: string };

/**
 * A virtual environment with what a requirements file names, made once by pip and kept in the cache; another file, or another Python,
 * is another environment. Its programs are run by `python -m`, as it was made in another place than it stands.
 * @throws Error with the reason when it can't be had and `BATON_REQUIRE` names python.
 */
export const pythonWith = async (requirementsFile: string): Promise<Python> => {
  const run = runEnvironment();
  try {
    const base = await interpreter();
    const key = createHash('sha256').update(base.version).update(readFileSync(requirementsFile)).digest('hex');
    const place = await cached(run.cacheDir, `python-${key.slice(0, 16)}`, async (folder) => {
      await runTool(base.command, ['-m', 'venv', folder], { install: INSTALL });
      await runTool(join(folder, 'bin/python'), [...PIP, '-r', requirementsFile], { install: INSTALL });
    });
    return { python: join(place, 'bin/python') };
  } catch (error) {
    const missing = error instanceof Error ? error.message : String(error);
    if (run.required.includes('python')) throw new Error(`Python is missing, but required. ${missing}`);
    return { missing };
  }
};

const INSTALL = 'Install Python 3.11 or newer with its venv module (Debian: python3-venv).';
const PIP = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-input'];
/** The usual one first: it has been chosen by whoever set up the machine. */
const COMMANDS = ['python3', 'python3.13', 'python3.12', 'python3.11'];
const PROBE = 'import ensurepip, sys, venv; assert sys.version_info >= (3, 11); print(sys.version, sys.prefix)';

const probe = (command: string): Promise<{ stdout: string } | undefined> =>
  promisify(execFile)(command, ['-c', PROBE]).catch(() => undefined);

/** Whether the interpreter that is taken when none is named is new enough and can make environments. */
export const hasPython = async (): Promise<boolean> => (await probe(COMMANDS[0])) !== undefined;

const interpreter = async (): Promise<{ command: string; version: string }> => {
  for (const command of COMMANDS) {
    const answer = await probe(command);
    if (answer !== undefined) return { command, version: answer.stdout };
  }
  throw new Error(`None of ${COMMANDS.join(', ')} is 3.11 or newer and can make environments. ${INSTALL}`);
};
