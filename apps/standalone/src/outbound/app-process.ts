import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { AppName } from '../core/options.js';
import { beginningOf, type ProcessIdentity } from './process-identity.js';

/** The root of the compiled tree: this file is `<dist>/apps/standalone/src/outbound/app-process.js`. */
const compiled = (path: string): string => {
  const here = import.meta.url.replace(/\/apps\/standalone\/src\/outbound\/[^/]+$/, '');
  const root = here.endsWith('/dist') ? here : `${here}/dist`;
  return fileURLToPath(`${root}/${path}`);
};

export interface AppExit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface AppProcessSpec {
  app: AppName;
  /** The whole environment: nothing is inherited. */
  environment: Record<string, string>;
  /** Every line on stdout (but the one that tells where it listens) and stderr. */
  onLine: (line: string) => void;
}

/** One app as a process of its own. It ends when this process ends, however that happens. */
export class AppProcess {
  /** Resolves when the process is gone. */
  readonly exited: Promise<AppExit>;
  /** The port it listens on; rejects when it ends before it listens. */
  readonly listening: Promise<number>;
  private readonly child: ChildProcess;

  constructor(readonly spec: AppProcessSpec) {
    const entry = compiled(`apps/${spec.app}/src/main.js`);
    // A group of its own, so that Ctrl-C reaches standalone alone, which then ends the parts in order.
    this.child = spawn(
      process.execPath,
      ['--import', compiled('apps/standalone/src/outbound/end-with-parent.js'), entry],
      { env: spec.environment, stdio: ['ignore', 'pipe', 'pipe', 'ipc'], detached: true },
    );
    this.exited = new Promise((resolve) => {
      this.child.once('error', () => {
        resolve({ code: 127, signal: null });
      });
      this.child.once('exit', (code, signal) => {
        resolve({ code, signal });
      });
    });
    this.listening = this.readLines();
    this.listening.catch(() => undefined);
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  get identity(): ProcessIdentity | undefined {
    const began = this.child.pid === undefined ? undefined : beginningOf(this.child.pid);
    return began === undefined || this.child.pid === undefined ? undefined : { pid: this.child.pid, began };
  }

  get running(): boolean {
    return this.child.pid !== undefined && this.child.exitCode === null && this.child.signalCode === null;
  }

  kill(signal: NodeJS.Signals): void {
    if (this.running) this.child.kill(signal);
  }

  /** Asks it to end, insists after the grace. */
  async stop(graceMs = 8_000): Promise<AppExit> {
    this.kill('SIGTERM');
    const insist = setTimeout(() => {
      this.kill('SIGKILL');
    }, graceMs);
    try {
      return await this.exited;
    } finally {
      clearTimeout(insist);
    }
  }

  private readLines(): Promise<number> {
    const { stdout, stderr } = this.child;
    return new Promise((resolve, reject) => {
      if (stdout !== null)
        createInterface({ input: stdout }).on('line', (line) => {
          const port = listeningPort(line, this.spec.app);
          if (port === undefined) this.spec.onLine(line);
          else resolve(port);
        });
      if (stderr !== null) createInterface({ input: stderr }).on('line', this.spec.onLine);
      void this.exited.then(({ code, signal }) => {
        reject(new Error(`${this.spec.app} ended before it listened (${signal ?? `exit code ${String(code)}`})`));
      });
    });
  }
}

/** `{"app":"registry","listening":5000}` → 5000. */
const listeningPort = (line: string, app: AppName): number | undefined => {
  if (!line.startsWith('{')) return undefined;
  try {
    const said = JSON.parse(line) as { app?: unknown; listening?: unknown };
    return said.app === app && typeof said.listening === 'number' ? said.listening : undefined;
  } catch {
    return undefined;
  }
};
