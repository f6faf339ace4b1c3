import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eventually, services } from '#testing';
import { ask } from '../apps/standalone/src/demo/rest.js';
import { apps, Platform } from './platform.js';
import { stacks } from './stacks.js';
import { TcpProxy } from './tcp-proxy.js';

const flower = { sepal_length: 5.1, sepal_width: 3.5, petal_length: 1.4, petal_width: 0.2 };

describe.each(stacks)('outages on the $stack stack', ({ stack, missing }) => {
  describe.skipIf(missing)('with its services', () => {
    let platform: Platform;
    let database: TcpProxy;
    let store: TcpProxy | undefined;
    let versions = 0;

    beforeAll(async () => {
      platform = await Platform.prepare(stack);
      database = await TcpProxy.before(platform.environment.DATABASE_URL);
      platform.environment.DATABASE_URL = database.instead(platform.environment.DATABASE_URL);
      if (stack === 'real') {
        store = await TcpProxy.before(services().s3?.endpoint ?? '');
        platform.environment.S3_ENDPOINT = store.instead(platform.environment.S3_ENDPOINT);
      }
      await Promise.all(apps.map((app) => platform.start(app)));
      await train(1);
    }, 900_000);
    afterAll(async () => {
      await platform.close();
      await database.cut();
      await store?.cut();
    });
    beforeEach(() => {
      platform.explainFailure();
    });

    const train = async (C: number): Promise<number> => {
      const { version } = await platform.stage.train('logistic-regression', { C });
      await platform.stage.servesVersion(version);
      versions = version;
      return version;
    };

    const predictedVersion = async (): Promise<string | null> => {
      const answer = await fetch(`${platform.predictorUrl}/predict`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify([flower]),
      });
      expect(answer.status).toBe(200);
      return answer.headers.get('x-model-version');
    };

    it(
      'with the database away the predictor answers, the registry says so, and all goes on when it is back',
      { timeout: 240_000 },
      async () => {
        await database.cut();
        expect(await predictedVersion()).toBe(String(versions));
        await expect(platform.stage.promote(versions, 'impossible')).rejects.toMatchObject({ status: 503 });
        expect((await fetch(`${platform.registryUrl}/health/ready`)).status).toBe(503);
        expect(await predictedVersion()).toBe(String(versions));
        await database.mend();
        await eventually(() => train(2), 120_000, 1_000);
        expect((await fetch(`${platform.registryUrl}/health/ready`)).status).toBe(200);
        for (const app of apps) expect(platform.isRunning(app)).toBe(true);
      },
    );

    it(
      'with the registry away a training waits for it, and is done when it is back',
      { timeout: 240_000 },
      async () => {
        const before = versions;
        const bus = await platform.eventBus();
        await platform.stop('registry');
        expect(await predictedVersion()).toBe(String(before));
        await bus.publish('training.requested', platform.model, {
          id: `while-away-${platform.model}`,
          source: '/test',
          type: 'training.requested',
          time: new Date().toISOString(),
          data: { model: platform.model, recipe: 'logistic-regression', parameters: { C: 3 } },
        });
        await new Promise((resolve) => setTimeout(resolve, 3_000));
        await platform.start('registry');
        await platform.stage.servesVersion(before + 1, 120_000);
        versions = before + 1;
      },
    );

    if (stack === 'real')
      it(
        'with the store away the served version stays, and the promoted one follows when it is back',
        { timeout: 240_000 },
        async () => {
          const before = versions;
          const next = await train(4);
          await platform.stop('predictor');
          await platform.stage.promote(before, 'one that this replica may have to fetch');
          await store?.cut();
          await platform.start('predictor');
          await eventually(async () => {
            expect(['serving', 'failed']).toContain((await platform.stage.fleet()).at(0)?.state);
          }, 60_000);
          expect([String(before), String(next)]).toContain(await predictedVersion());
          await store?.mend();
          await platform.stage.servesVersion(before, 120_000);
          await platform.stage.promote(next, 'and back');
          await platform.stage.servesVersion(next);
        },
      );

    it(
      'with everything away a predictor starts from its last-good copy, answers, and catches up afterwards',
      { timeout: 240_000 },
      async () => {
        const served = await predictedVersion();
        for (const app of apps) await platform.stop(app);
        await database.cut();
        await store?.cut();
        const away = {
          ...(stack === 'real' ? { KAFKA_BROKERS: '127.0.0.1:9' } : {}),
          ARTIFACTS_DIR: '/nowhere',
          REGISTRY_URL: 'http://127.0.0.1:9',
        };
        await platform.start('predictor', away);
        await eventually(async () => {
          expect(await predictedVersion()).toBe(served);
        }, 60_000);

        await database.mend();
        await store?.mend();
        // Kafka tells its clients its own address, so no proxy can stand before it: there the predictor is started again.
        await platform.stop('predictor');
        await Promise.all([platform.start('registry'), platform.start('predictor')]);
        await ask('DELETE', `${platform.registryUrl}/api/v1/models/${platform.model}/promotions`);
        await eventually(async () => {
          const answer = await fetch(`${platform.predictorUrl}/models/${platform.model}/info`);
          expect(answer.status).toBe(404);
        }, 60_000);
      },
    );

    if (stack === 'embedded')
      it(
        'when the bus returns, the running predictor follows what happened meanwhile, a retirement included',
        { timeout: 240_000 },
        async () => {
          await platform.start('trainer');
          await ask('POST', `${platform.registryUrl}/api/v1/models/${platform.model}/promotions`, {
            version: versions,
          });
          await platform.stage.servesVersion(versions);
          await platform.stop('predictor');
          await database.cut();
          await platform.start('predictor');
          await eventually(async () => {
            expect(await predictedVersion()).toBe(String(versions));
          }, 60_000);
          await database.mend();
          const older = versions - 1;
          await eventually(() => platform.stage.promote(older, 'while the bus was away'), 60_000, 500);
          await platform.stage.servesVersion(older, 60_000);
          await ask('DELETE', `${platform.registryUrl}/api/v1/models/${platform.model}/promotions`);
          await eventually(async () => {
            const answer = await fetch(`${platform.predictorUrl}/models/${platform.model}/info`);
            expect(answer.status).toBe(404);
          }, 60_000);
        },
      );
  });
});
