import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The root of the clone. */
export const root = fileURLToPath(new URL('..', import.meta.url));

export interface Ended {
  code: number | null;
  /** What it wrote on stdout. */
  out: string;
  /** What it wrote on stderr. */
  notes: string;
}

/** What a program writes until it ends. */
export const finished = (child: ChildProcess): Promise<Ended> => {
  let out = '';
  let notes = '';
  child.stdout?.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (notes += chunk.toString()));
  return new Promise((resolve) => {
    child.once('close', (code) => {
      resolve({ code, out, notes });
    });
  });
};

/** Runs `baton` as `npx baton` does. */
export const baton = (args: string[], environment: NodeJS.ProcessEnv, cwd = root): Promise<Ended> =>
  finished(spawn(process.execPath, [`${root}apps/cli/baton.mjs`, ...args], { env: environment, cwd }));
