import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { pinned } from './pinned.js';

export interface ServerSpec {
  name: string;
  command: string;
  args: string[];
  environment: Record<string, string>;
  cwd: string;
  url: string;
  /** It is ready once this answers 200. */
  readyPath: string;
  /** Unset: any. */
  cores?: string;
}

const KEPT_LINES = 60;
const START_TIMEOUT_MS = 120_000;
const GRACE_MS = 10_000;

/** A server under measurement, in a process group of its own, so that its workers end with it. */
export class ServerProcess {
  private readonly lines: string[] = [];
  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
  ) {
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => {
        this.lines.push(chunk.toString('utf8'));
        if (this.lines.length > KEPT_LINES) this.lines.shift();
      });
  }

  /** @throws Error with its last words when it ends or does not answer in time. */
  static async start(spec: ServerSpec): Promise<ServerProcess> {
    const child = spawn(...pinned(spec.cores, spec.command, spec.args), {
      cwd: spec.cwd,
      env: spec.environment,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const server = new ServerProcess(child, spec.url);
    let failed: Error | undefined;
    child.once('error', (error) => (failed = error));
    const deadline = Date.now() + START_TIMEOUT_MS;
    const ready = (): Promise<boolean> =>
      fetch(`${spec.url}${spec.readyPath}`).then(
        ({ status }) => status === 200,
        () => false,
      );
    while (!(await ready())) {
      if (failed !== undefined || child.exitCode !== null || Date.now() > deadline) {
        await server.stop();
        throw new Error(
          `${spec.name} does not answer. ${failed?.message ?? ''}\n${server.lines.join('').slice(-3000)}`,
        );
      }
      await sleep(100);
    }
    return server;
  }

  get pid(): number {
    if (this.child.pid === undefined) throw new Error('The server has not been started.');
    return this.child.pid;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null || this.child.pid === undefined) return;
    const gone = once(this.child, 'exit');
    const group = -this.child.pid;
    process.kill(group, 'SIGTERM');
    const insist = setTimeout(() => process.kill(group, 'SIGKILL'), GRACE_MS);
    await gone;
    clearTimeout(insist);
  }
}
