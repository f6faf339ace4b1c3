import { setTimeout as sleep } from 'node:timers/promises';
import { afterDeath } from '../core/restart-policy.js';
import type { AppName } from '../core/options.js';
import { AppProcess } from './app-process.js';
import type { ProcessIdentity } from './process-identity.js';

export interface SupervisedAppSpec {
  app: AppName;
  environment: Record<string, string>;
  onLine: (line: string) => void;
  say: (sentence: string) => void;
  /** Called whenever another process took over. */
  onStarted: () => void;
}

/** Keeps one app running: an app that ends on its own is started again, visibly, until it dies too quickly too often. */
export class SupervisedApp {
  /** Rejects when the app was given up, resolves after `stop`. */
  readonly done: Promise<void>;
  private current?: AppProcess;
  private stopping = false;
  private readonly woken = new AbortController();

  constructor(private readonly spec: SupervisedAppSpec) {
    this.done = this.run();
    this.done.catch(() => undefined);
  }

  get identity(): ProcessIdentity | undefined {
    return this.current?.identity;
  }

  get running(): boolean {
    return this.current?.running ?? false;
  }

  async stop(): Promise<void> {
    this.stopping = true;
    this.woken.abort();
    await this.current?.stop();
    await this.done.catch(() => undefined);
  }

  private async run(): Promise<void> {
    let quickDeaths = 0;
    while (!this.stopping) {
      const began = Date.now();
      const { app, environment, onLine, say } = this.spec;
      this.current = new AppProcess({ app, environment, onLine });
      this.spec.onStarted();
      const { code, signal } = await this.current.exited;
      if (this.isStopping()) return;
      const next = afterDeath(Date.now() - began, quickDeaths);
      quickDeaths = next.quickDeaths;
      const how = signal ?? `exit code ${String(code)}`;
      if (next.do === 'give-up') throw new Error(`The ${app} ended ${String(quickDeaths)} times in a row (${how}).`);
      say(`The ${app} ended (${how}); starting it again in ${String(next.waitMs / 1000)} s.`);
      await sleep(next.waitMs, undefined, { signal: this.woken.signal }).catch(() => undefined);
    }
  }

  /** Set from outside while `run` waits. */
  private isStopping(): boolean {
    return this.stopping;
  }
}
