import { connect, createServer, type AddressInfo } from 'node:net';
import { Body, Controller, Get, Module, Param, Post } from '@nestjs/common';
import { EventPattern, Server, type CustomTransportStrategy } from '@nestjs/microservices';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { lastValueFrom, type Observable } from 'rxjs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { problem } from '#contracts';
import { readSettings } from '../config.js';
import { JsonLogger } from '../logger.js';
import { Metrics } from '../metrics.js';
import { PlatformError } from '../platform-error.js';
import { HealthModule } from './health.module.js';
import { MetricsModule } from './metrics.module.js';
import { startHttpApp, type HttpAppOptions } from './start-http-app.js';

@Controller()
class Routes {
  @Get('platform')
  platform(): never {
    throw new PlatformError('NO_MODEL_PROMOTED', 'No model has been promoted yet: promote one.');
  }
  @Get('unforeseen')
  unforeseen(): never {
    throw new TypeError('the secret inside');
  }
  @Post('echo')
  echo(@Body() body: unknown): unknown {
    return { body };
  }
  @Get('models/:name')
  model(@Param('name') name: string): unknown {
    return { name };
  }
  @EventPattern<string>('thing.happened')
  on(): never {
    throw new PlatformError('DATABASE_UNAVAILABLE');
  }
}

class State {
  ready = false;
}

@Module({
  providers: [State],
  exports: [State],
})
class StateModule {}

@Module({
  controllers: [Routes],
  imports: [
    HealthModule.register({ imports: [StateModule], inject: [State], ready: ({ ready }) => ({ ready, models: 1 }) }),
    MetricsModule.register([{ name: 'things_total', help: 'Things.', kind: 'counter', labels: ['kind'] }]),
  ],
})
class AppModule {}

const lines: string[] = [];
let app: NestFastifyApplication | undefined;

const start = async (options: Partial<HttpAppOptions> = {}): Promise<string> => {
  lines.length = 0;
  const settings = readSettings({ HOST: '127.0.0.1' });
  const logger = new JsonLogger('trainer', 'info', (line) => void lines.push(line));
  app = await startHttpApp(AppModule, { app: 'trainer', settings, logger, port: 0, ...options });
  return app.getUrl();
};

afterEach(async () => {
  await app?.close();
  app = undefined;
  vi.restoreAllMocks();
});

describe('error answers', () => {
  it('a PlatformError is a problem with the status of the code table', async () => {
    const answer = await fetch(`${await start()}/platform`);
    expect(answer.status).toBe(503);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(problem.parse(await answer.json())).toMatchObject({
      code: 'NO_MODEL_PROMOTED',
      detail: 'No model has been promoted yet: promote one.',
    });
  });

  it('what nobody foresaw is 500 without its inside, and the log has it', async () => {
    const answer = await fetch(`${await start()}/unforeseen`);
    const text = await answer.text();
    expect(answer.status).toBe(500);
    expect(text).toContain('INTERNAL');
    expect(text).not.toContain('secret');
    expect(lines.join('')).toContain('the secret inside');
  });

  const json = { 'content-type': 'application/json' };
  it.each([
    ['unknown route', '/nowhere', {}, 404, 'NOT_FOUND'],
    ['broken JSON', '/echo', { method: 'POST', body: '{"a":', headers: json }, 400, 'REQUEST_INVALID'],
    ['empty JSON body', '/echo', { method: 'POST', body: '', headers: json }, 400, 'REQUEST_INVALID'],
    [
      'body too large',
      '/echo',
      { method: 'POST', body: `"${'x'.repeat(2000)}"`, headers: json },
      413,
      'PAYLOAD_TOO_LARGE',
    ],
    [
      'unknown content type',
      '/echo',
      { method: 'POST', body: 'x', headers: { 'content-type': 'a/b' } },
      415,
      'REQUEST_INVALID',
    ],
    ['malformed URL', '/models/%zz', {}, 400, 'REQUEST_INVALID'],
  ])('%s is a problem too', async (_what, path, init: RequestInit, status, code) => {
    const answer = await fetch(`${await start({ bodyLimitBytes: 1000 })}${path}`, init);
    expect(answer.status).toBe(status);
    expect(problem.parse(await answer.json())).toMatchObject({ status, code });
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
  });

  it('a client that hangs up in the middle of its body is no error of ours', async () => {
    const { hostname, port } = new URL(await start());
    const socket = connect(Number(port), hostname);
    socket.write(
      'POST /echo HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"a":',
    );
    await new Promise((resolve) => setTimeout(resolve, 50));
    socket.destroy();
    await app?.close();
    expect(lines.filter((line) => line.includes('"level":"error"'))).toEqual([]);
  });

  it.each([
    [400, false],
    [404, false],
    [501, false],
    [500, true],
    [503, true],
  ])('what an app answers with %d in words of its own is in the log as a fault: %s', async (status, isFault) => {
    const url = await start({ errorBody: () => ({ status, body: {} }) });
    expect((await fetch(`${url}/unforeseen`)).status).toBe(status);
    expect(lines.some((line) => line.includes('"level":"error"') && line.includes('the secret inside'))).toBe(isFault);
  });

  it('an app can answer in the words of another protocol on its routes', async () => {
    const url = await start({
      errorBody: ({ url: path }, { status, code, detail }) =>
        path.startsWith('/platform')
          ? { status: status - 100, body: { error_code: code, message: detail } }
          : undefined,
    });
    const own = await fetch(`${url}/platform`);
    expect(own.status).toBe(403);
    expect(own.headers.get('content-type')).toContain('application/json');
    expect(await own.json()).toEqual({
      error_code: 'NO_MODEL_PROMOTED',
      message: 'No model has been promoted yet: promote one.',
    });
    expect((await fetch(`${url}/nowhere`)).headers.get('content-type')).toContain('problem+json');
  });
});

describe('health and metrics', () => {
  it('is live from the start and ready when it says so', async () => {
    const url = await start();
    const live = await fetch(`${url}/health`);
    expect([live.status, await live.json()]).toEqual([200, { status: 'ok', ready: false, models: 1 }]);
    expect((await fetch(`${url}/health/ready`)).status).toBe(503);
    const state = app?.get(State, { strict: false });
    if (state) state.ready = true;
    expect((await fetch(`${url}/health/ready`)).status).toBe(200);
  });

  it('shows what was counted, and refuses a name nobody declared', async () => {
    const url = await start();
    const metrics = app?.get(Metrics, { strict: false });
    metrics?.count('things_total', { kind: 'small' }, 2);
    expect(() => metrics?.count('other_total')).toThrow('other_total');
    const answer = await fetch(`${url}/metrics`);
    const text = await answer.text();
    expect(text).toContain('things_total{kind="small"} 2');
    expect(text).toContain('process_cpu_user_seconds_total');
  });
});

describe('starting', () => {
  it('takes names of 250 characters as path parameters, however encoded', async () => {
    const name = 'ä'.repeat(250);
    const answer = await fetch(`${await start()}/models/${encodeURIComponent(name)}`);
    expect(await answer.json()).toEqual({ name });
  });

  it('prints one line that tells the port', async () => {
    const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    const url = await start();
    expect(write.mock.calls.map(([line]) => line)).toEqual([`{"app":"trainer","listening":${new URL(url).port}}\n`]);
  });

  it('a port that is taken is one sentence naming the setting', async () => {
    const other = createServer();
    await new Promise<void>((done) => other.listen(0, '127.0.0.1', done));
    const { port } = other.address() as AddressInfo;
    await expect(start({ port })).rejects.toMatchObject({
      code: 'CONFIGURATION_INVALID',
      detail: expect.stringContaining('TRAINER_PORT') as string,
    });
    await new Promise((done) => other.close(done));
  });

  it('listeners for signals go away with the app', async () => {
    const before = process.listenerCount('SIGTERM');
    await start();
    expect(process.listenerCount('SIGTERM')).toBe(before + 1);
    await app?.close();
    expect(process.listenerCount('SIGTERM')).toBe(before);
  });
});

/** A bus that answers only when told to. */
class SlowStrategy extends Server implements CustomTransportStrategy {
  listening = false;
  closed = false;
  listen(): void {
    this.listening = true;
  }
  close(): void {
    this.closed = true;
  }
  on(): void {
    /* no status events */
  }
  unwrap(): never {
    throw new Error('nothing inside');
  }
  async hear(pattern: string): Promise<unknown> {
    const handler = this.getHandlerByPattern(pattern);
    const answer: unknown = await handler?.({}, undefined);
    return lastValueFrom(answer as Observable<unknown>, { defaultValue: undefined });
  }
}

describe('event handlers', () => {
  it('HTTP is live while the bus does not answer, and the bus is closed with the app', async () => {
    const strategy = new SlowStrategy();
    const url = await start({ microservices: () => [strategy] });
    expect((await fetch(`${url}/health`)).status).toBe(200);
    await app?.close();
    expect(strategy.closed).toBe(true);
  });

  it('the error of a handler reaches the strategy as it was thrown', async () => {
    const strategy = new SlowStrategy();
    await start({ microservices: [strategy] });
    await vi.waitFor(() => {
      expect(strategy.listening).toBe(true);
    });
    await expect(strategy.hear('thing.happened')).rejects.toMatchObject({
      name: 'PlatformError',
      code: 'DATABASE_UNAVAILABLE',
    });
  });
});
