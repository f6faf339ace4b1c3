import { setTimeout as sleep } from 'node:timers/promises';
import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { ArtifactStore } from '#artifacts';
import { EventBus } from '#messaging';
import { Transactions } from '../core/transactions.js';

/** A part that is away may let a question hang; whoever asks for readiness waits no longer than this. */
const PATIENCE_MS = 3_000;

/**
 * `/health` answers as MLflow's does: the process lives. This says whether it can work: not without its database. Without
 * the bus it goes on (what it says waits in the outbox), without the store it answers all but artifacts.
 */
@Controller()
export class ReadinessController {
  constructor(
    @Inject(Transactions) private readonly transactions: Transactions,
    @Inject(EventBus) private readonly bus: EventBus,
    @Inject(ArtifactStore) private readonly store: ArtifactStore,
  ) {}

  @Get('health/ready')
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<object> {
    const [database, bus, store] = await Promise.all([
      answers(async () => {
        await this.transactions.run(() => Promise.resolve());
        return true;
      }),
      answers(() => this.bus.healthy()),
      answers(() => this.store.healthy()),
    ]);
    void reply.status(database ? 200 : 503);
    return { status: database ? 'ok' : 'not ready', ready: database, database, bus, store };
  }
}

const answers = async (ask: () => Promise<boolean>): Promise<boolean> => {
  try {
    return await Promise.race([ask(), sleep(PATIENCE_MS, false, { ref: false })]);
  } catch {
    return false;
  }
};
