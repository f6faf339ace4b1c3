import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PromotionView } from '#contracts';
import { ask } from '../apps/standalone/src/demo/rest.js';
import { eventually } from '#testing';
import { Platform } from './platform.js';
import { stacks } from './stacks.js';

describe.each(stacks)('retirement on the $stack stack', ({ stack, missing }) => {
  describe.skipIf(missing)('with its services', () => {
    let platform: Platform;
    beforeAll(async () => {
      platform = await Platform.start(stack);
      await platform.stage.train('logistic-regression', { C: 1 });
      await platform.stage.servesVersion(1);
    }, 900_000);
    afterAll(() => platform.close());
    beforeEach(() => {
      platform.explainFailure();
    });

    const api = (path: string): string => `${platform.registryUrl}/api/v1/models/${platform.model}/${path}`;

    const predictStatus = async (): Promise<number> => {
      const answer = await fetch(`${platform.predictorUrl}/models/${platform.model}/predict`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify([{ sepal_length: 5.1, sepal_width: 3.5, petal_length: 1.4, petal_width: 0.2 }]),
      });
      return answer.status;
    };

    it('a retired model is answered no more, and the fleet says unloaded', async () => {
      expect(await predictStatus()).toBe(200);
      await ask('DELETE', api('promotions'));
      await eventually(async () => {
        expect(await predictStatus()).toBe(404);
      });
      await eventually(async () => {
        expect((await platform.stage.fleet()).map(({ state }) => state)).toEqual(['unloaded']);
      });
    });

    it('promoted again it is served again, with a generation that goes on', async () => {
      await platform.stage.promote(1, 'missed');
      await platform.stage.servesVersion(1);
      const { promotions } = (await ask('GET', api('promotions'))) as { promotions: PromotionView[] };
      expect(promotions.map(({ generation, version }) => [generation, version])).toEqual([
        [3, 1],
        [2, null],
        [1, 1],
      ]);
    });

    it(
      'a predictor that was away when the model was retired follows when it comes back',
      { timeout: 120_000 },
      async () => {
        await platform.stop('predictor');
        await ask('DELETE', api('promotions'));
        await platform.start('predictor');
        await eventually(async () => {
          expect(await predictStatus()).toBe(404);
        }, 60_000);
      },
    );
  });
});
