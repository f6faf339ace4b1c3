import {
  Controller,
  Get,
  HttpCode,
  Inject,
  Module,
  Res,
  type DynamicModule,
  type ModuleMetadata,
} from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { messageOf } from '../platform-error.js';

/** What a process says of itself. `ready` decides the status of `/health/ready`; the rest is shown as it is. */
export interface ReadyState {
  ready: boolean;
  /** One sentence when not ready: what is missing. */
  detail?: string;
  [fact: string]: unknown;
}

type Tokens<P extends unknown[]> = { [K in keyof P]: abstract new (...args: never[]) => P[K] };

abstract class Readiness {
  abstract state(): ReadyState | Promise<ReadyState>;
}

/**
 * `GET /health` is liveness: 200 as long as the process answers, with what it knows of its parts. `GET /health/ready` is
 * 200 or 503. A check that throws is "not ready", with its message.
 */
@Controller()
export class HealthController {
  constructor(@Inject(Readiness) private readonly readiness: Readiness) {}

  @Get('health')
  async live(): Promise<object> {
    return { status: 'ok', ...(await this.state()) };
  }

  @Get('health/live')
  @HttpCode(200)
  alive(): object {
    return { status: 'ok' };
  }

  @Get('health/ready')
  async ready(@Res() reply: FastifyReply): Promise<void> {
    const state = await this.state();
    await reply.status(state.ready ? 200 : 503).send({ status: state.ready ? 'ok' : 'not ready', ...state });
  }

  private async state(): Promise<ReadyState> {
    try {
      return await this.readiness.state();
    } catch (error) {
      return { ready: false, detail: messageOf(error) };
    }
  }
}

@Module({})
export class HealthModule {
  /** `ready` is given the providers named by `inject`; `imports` are the modules that export them. */
  static register<P extends unknown[]>(options: {
    ready: (...parts: P) => ReadyState | Promise<ReadyState>;
    inject?: Tokens<P>;
    imports?: ModuleMetadata['imports'];
  }): DynamicModule {
    return {
      module: HealthModule,
      imports: options.imports ?? [],
      controllers: [HealthController],
      providers: [
        {
          provide: Readiness,
          inject: [...(options.inject ?? [])],
          useFactory: (...parts: P): Readiness => ({ state: () => options.ready(...parts) }),
        },
      ],
    };
  }
}
