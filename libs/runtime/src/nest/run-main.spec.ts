import { spawn, type ChildProcess } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { describeSettings } from '../config.js';
import { helpOf } from './run-main.js';

/** A process of its own, run from the build as real ones are: what it prints and how it ends. */
class Main {
  stdout = '';
  stderr = '';
  readonly ended: Promise<number | null>;
  private readonly child: ChildProcess;

  constructor(body: string, environment: NodeJS.ProcessEnv = {}, ...args: string[]) {
    const script = `
      import { Controller, Get, Module } from '@nestjs/common';
      import { runMain, startHttpApp } from '#runtime/nest';
      ${body}`;
    this.child = spawn(process.execPath, ['--input-type=module', '-e', script, '--', 'main.js', ...args], {
      env: { HOST: '127.0.0.1', TRAINER_PORT: '0', ...environment },
    });
    this.child.stdout?.on('data', (text) => (this.stdout += String(text)));
    this.child.stderr?.on('data', (text) => (this.stderr += String(text)));
    this.ended = new Promise((resolve) => this.child.on('close', resolve));
  }

  /** Resolves with what the pattern captured, as soon as stdout has it. */
  async says(pattern: RegExp): Promise<string> {
    for (;;) {
      const found = pattern.exec(this.stdout);
      if (found) return found.at(1) ?? found[0];
      const more = new Promise((resolve) => this.child.stdout?.once('data', resolve));
      const code = await Promise.race([more, this.ended.then((ended) => ({ ended }))]);
      if (typeof code === 'object' && code !== null && 'ended' in code)
        throw new Error(`It ended before it said ${String(pattern)}: ${this.stderr}`);
    }
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }
}

const app = (route: string): string => `
  class Routes { async slow() { ${route} } }
  Controller()(Routes);
  Get('slow')(Routes.prototype, 'slow', Object.getOwnPropertyDescriptor(Routes.prototype, 'slow'));
  class AppModule {}
  Module({ controllers: [Routes] })(AppModule);
  await runMain('trainer', (settings, logger) =>
    startHttpApp(AppModule, { app: 'trainer', settings, logger, port: settings.TRAINER_PORT }));`;

const listening = /"listening":(\d+)/;

describe('before the start', () => {
  it('--help explains every setting and exits 0', async () => {
    const main = new Main(app(''), { LOG_LEVEL: 'nonsense' }, '--help');
    expect(await main.ended).toBe(0);
    expect(main.stdout).toBe(helpOf('trainer'));
    for (const { name } of describeSettings()) expect(main.stdout).toContain(name);
  });

  it('an argument that is not understood is told, exit 2', async () => {
    const main = new Main(app(''), {}, '--port', '80');
    expect(await main.ended).toBe(2);
    expect(main.stderr).toBe('trainer: "--port 80" is not understood. It takes no arguments; see --help.\n');
  });

  it('faulty settings are one sentence naming all, exit 1', async () => {
    const main = new Main(app(''), { LOG_LEVEL: 'loud', TRAINER_PORT: '-1' });
    expect(await main.ended).toBe(1);
    expect(main.stderr).toMatch(/^trainer could not start: Mend these settings: .*LOG_LEVEL.*TRAINER_PORT.*\n$/);
  });

  it('a taken port is one sentence naming its setting, exit 1', async () => {
    const other = createServer();
    await new Promise<void>((done) => other.listen(0, '127.0.0.1', done));
    const { port } = other.address() as AddressInfo;
    const main = new Main(app(''), { TRAINER_PORT: String(port) });
    expect(await main.ended).toBe(1);
    expect(main.stderr.trimEnd().split('\n').at(-1)).toBe(
      `trainer could not start: Port ${String(port)} is in use: end the process that has it, or set TRAINER_PORT to another port.`,
    );
    await new Promise((done) => other.close(done));
  });
});

describe('the end', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('%s answers the running request, then exits 0', async (signal) => {
    const main = new Main(
      app(
        `process.stdout.write('working\\n'); await new Promise((done) => process.once('${signal}', () => setTimeout(done, 200))); return 'done';`,
      ),
    );
    const url = `http://127.0.0.1:${await main.says(listening)}/slow`;
    const answer = fetch(url).then((response) => response.text());
    await main.says(/working/);
    main.signal(signal);
    expect(await answer).toBe('done');
    expect(await main.ended).toBe(0);
  });

  it('a second signal does not wait', async () => {
    const main = new Main(
      app(
        `process.once('SIGTERM', () => process.stdout.write('closing\\n')); process.stdout.write('working\\n'); await new Promise(() => setInterval(() => 0, 1000));`,
      ),
    );
    const url = `http://127.0.0.1:${await main.says(listening)}/slow`;
    const answer = fetch(url).catch((error: unknown) => error);
    await main.says(/working/);
    main.signal('SIGTERM');
    await main.says(/closing/);
    main.signal('SIGINT');
    expect(await main.ended).toBe(130);
    expect(await answer).toBeInstanceOf(Error);
  });

  it('an error that nobody catches ends the process, and is logged', async () => {
    const main = new Main(app(`void Promise.reject(new Error('lost one')); return 'x';`));
    await fetch(`http://127.0.0.1:${await main.says(listening)}/slow`).catch(() => undefined);
    expect(await main.ended).toBe(1);
    expect(main.stderr).toContain('lost one');
  });
});
