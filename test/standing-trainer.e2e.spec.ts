import { hostname } from 'node:os';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually, uniqueName } from '#testing';
import { AppProcess } from '../apps/standalone/src/outbound/app-process.js';
import { Platform } from './platform.js';
import { stacks, type StackName } from './stacks.js';
import { completionsOf, ended, runsOf, sendEvent, versionsOf } from './training-events.js';

/** On Kafka as people run it: a group gives partitions away as late as a lease gives a job. */
const leaseOn: Record<StackName, string> = { embedded: '3000', real: '30000' };

describe.each(stacks)('a trainer that stands still, on the $stack stack', ({ stack, missing }) => {
  describe.skipIf(missing)('with its services', () => {
    let platform: Platform;
    let database: pg.Client;
    let trainers: { app: AppProcess; lines: string[] }[];

    beforeEach(async () => {
      platform = await Platform.prepare(stack, { environment: { TRAINER_LEASE_MS: leaseOn[stack] } });
      platform.explainFailure();
      await platform.start('registry');
      trainers = [1, 2].map(() => {
        const lines: string[] = [];
        const environment = { ...platform.environment, TRAINER_PORT: '0' };
        return { lines, app: new AppProcess({ app: 'trainer', environment, onLine: (line) => lines.push(line) }) };
      });
      await Promise.all(trainers.map(({ app }) => app.listening));
      database = new pg.Client({ connectionString: platform.environment.DATABASE_URL });
      await database.connect();
    }, 180_000);
    afterEach(async () => {
      for (const { app } of trainers) app.kill('SIGCONT');
      await Promise.all(trainers.map(({ app }) => app.stop(10_000)));
      await database.end();
      await platform.close();
    }, 60_000);

    const ask = async <Row extends pg.QueryResultRow>(sql: string, id: string): Promise<Row[]> =>
      (await database.query<Row>(sql, [id])).rows;

    it(
      'loses its job to another one, and registers and tells nothing when it goes on',
      { timeout: 240_000 },
      async () => {
        const bus = await platform.eventBus();
        const model = uniqueName('Still');
        const parameters = { n_estimators: 4_000, random_state: 1 };
        const data = { model, recipe: 'random-forest', parameters, promote: 'never' };
        const id = await sendEvent(bus, { source: '/test', id: uniqueName('event'), data });
        const running =
          "select leased_by from trainer.jobs where request_id = $1 and state = 'running' and run_id is not null";
        const still = await eventually(
          async () => {
            const [job] = await ask<{ leased_by: string }>(running, id);
            const [holder] = trainers.filter(({ app }) => job.leased_by === `${hostname()}/${String(app.pid)}`);
            return holder;
          },
          60_000,
          50,
        );
        still.app.kill('SIGSTOP');
        const [listed, ...others] = await ended(platform, model, 1, 90_000);
        expect([listed, others]).toMatchObject([{ id, state: 'succeeded', version: 1 }, []]);
        still.app.kill('SIGCONT');
        // It finds out when it next says that it lives.
        await eventually(() => {
          expect(still.lines.join('\n')).toMatch(/The lease of this job has gone to another trainer/);
        }, 60_000);
        expect((await runsOf(platform, model)).map(({ info }) => info.status)).toEqual(['FINISHED']);
        expect(await versionsOf(platform, model)).toHaveLength(1);
        expect(await ask('select id from trainer.outbox where aggregateid = $1', model)).toHaveLength(1);
        expect(new Set((await completionsOf(bus, model)).map((told) => JSON.stringify(told))).size).toBe(1);
        expect(still.app.running).toBe(true);
      },
    );
  });
});
