import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { messageOf, PlatformError } from '#runtime';
import { pipEnvironment } from './recipe-environment.js';

export interface PythonOptions {
  /** The interpreter that environments are made with. */
  python: string;
  /** Where they are kept; unset: below the user's cache folder. */
  directory?: string;
}

const INSTALL_MS = 1_200_000;
const PROBE_MS = 60_000;

/**
 * Virtual environments for recipes with `requirements`, each made once by pip and kept: another file, or another Python, is
 * another environment. Its programs are run by `python -m`, as it was made in another place than it stands.
 */
export class PythonEnvironments {
  private readonly underway = new Map<string, Promise<string>>();

  constructor(private readonly options: PythonOptions) {}

  /**
   * The interpreter of the environment.
   * @param onMaking told when it has to be made, which takes minutes
   * @throws PlatformError TRAINING_FAILED with pip's last words; the reason of the signal.
   */
  async interpreter(requirements: string, onMaking: () => void, signal: AbortSignal): Promise<string> {
    const place = await this.placeOf(requirements);
    const python = join(place, 'bin', 'python');
    if (await isThere(python)) return python;
    onMaking();
    let making = this.underway.get(place);
    if (making === undefined) {
      making = this.make(place, requirements).finally(() => this.underway.delete(place));
      this.underway.set(place, making);
      making.catch(() => undefined);
    }
    // Who gives up does not end it: others may wait for the same one.
    await Promise.race([making, aborted(signal)]);
    return python;
  }

  private async placeOf(requirements: string): Promise<string> {
    const { stdout: version } = await this.run(this.options.python, ['-c', PROBE], PROBE_MS).catch((error: unknown) => {
      throw new PlatformError(
        'TRAINING_FAILED',
        `${this.options.python} can make no environment; install Python 3.11 or newer with its venv module (Debian: python3-venv), or name it by TRAINER_PYTHON. ${wordsOf(error)}`,
        error,
      );
    });
    const key = createHash('sha256').update(version).update(await readFile(requirements)).digest('hex'); // prettier-ignore
    const directory = this.options.directory ?? join(homedir(), '.cache', 'baton', 'recipes');
    return resolve(directory, `python-${key.slice(0, 16)}`);
  }

  /** Made beside its place and moved there whole: a crash leaves no half one, and of two makers the first wins. */
  private async make(place: string, requirements: string): Promise<string> {
    const draft = `${place}.${randomUUID().slice(0, 8)}`;
    try {
      await mkdir(draft, { recursive: true });
      await removeDrafts(dirname(place));
      await this.run(this.options.python, ['-m', 'venv', draft], INSTALL_MS);
      await this.run(join(draft, 'bin', 'python'), [...PIP, '-r', requirements], INSTALL_MS);
      await rename(draft, place).catch(async (error: unknown) => {
        if (!(await isThere(join(place, 'bin', 'python')))) throw error;
      });
      return place;
    } catch (error) {
      throw new PlatformError(
        'TRAINING_FAILED',
        `The Python environment of ${requirements} could not be made. ${wordsOf(error)}`,
        error,
      );
    } finally {
      await rm(draft, { recursive: true, force: true });
    }
  }

  private run(file: string, args: string[], timeout: number): Promise<{ stdout: string; stderr: string }> {
    return promisify(execFile)(file, args, { env: pipEnvironment(), timeout, maxBuffer: 16 * 1024 * 1024 });
  }
}

const PROBE = 'import ensurepip, sys, venv; assert sys.version_info >= (3, 11); print(sys.version, sys.prefix)';
const PIP = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-input'];

/** What trainers that were killed had begun: nobody works on one for that long. */
const removeDrafts = async (directory: string): Promise<void> => {
  for (const name of (await readdir(directory)).filter((each) => /^python-[0-9a-f]{16}\.[0-9a-f]{8}$/.test(each))) {
    const draft = join(directory, name);
    const { mtimeMs } = await stat(draft).catch(() => ({ mtimeMs: Infinity }));
    if (Date.now() - mtimeMs > 3 * INSTALL_MS) await rm(draft, { recursive: true, force: true });
  }
};

const isThere = (path: string): Promise<boolean> => stat(path).then(() => true, () => false); // prettier-ignore

const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const tell = (): void => {
      reject(signal.reason as Error);
    };
    if (signal.aborted) tell();
    else signal.addEventListener('abort', tell, { once: true });
  });

const wordsOf = (error: unknown): string => {
  const said = (error as { stderr?: unknown }).stderr;
  const words = typeof said === 'string' && said.trim() !== '' ? said : messageOf(error);
  return words.trim().slice(-500);
};
