import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PromotionView } from '#contracts';
import { ask } from '../apps/standalone/src/demo/rest.js';
import { Platform } from './platform.js';
import { stacks } from './stacks.js';

describe.each(stacks)('rolling back on the $stack stack', ({ stack, missing }) => {
  describe.skipIf(missing)('with its services', () => {
    let platform: Platform;
    beforeAll(async () => {
      platform = await Platform.start(stack);
      for (const C of [0.1, 1, 10]) await platform.stage.train('logistic-regression', { C });
      await platform.stage.servesVersion(3);
    }, 900_000);
    afterAll(() => platform.close());
    beforeEach(() => {
      platform.explainFailure();
    });

    const api = (path: string): string => `${platform.registryUrl}/api/v1/models/${platform.model}/${path}`;

    const promotions = async (): Promise<PromotionView[]> => {
      const answer = (await ask('GET', api('promotions'))) as { promotions: PromotionView[] };
      return answer.promotions;
    };

    it('to a named version, an older one than the one before', async () => {
      await ask('POST', api('rollback'), { to: 1, reason: 'the first was better' });
      await platform.stage.servesVersion(1);
      expect((await promotions())[0]).toMatchObject({
        version: 1,
        previousVersion: 3,
        cause: 'rollback',
        reason: 'the first was better',
      });
    });

    it('back and forth at once: the last word is served', async () => {
      for (const version of [2, 3, 2, 3, 2]) await platform.stage.promote(version, 'flap');
      const [{ generation }] = await promotions();
      const [replica] = await platform.stage.until('The fleet did not come to the last promotion', 20_000, async () => {
        const fleet = await platform.stage.fleet();
        return fleet.some(({ active }) => active?.generation === generation) ? fleet : undefined;
      });
      expect(replica).toMatchObject({ state: 'serving', active: { version: 2 }, target: { version: 2, generation } });
      await platform.stage.servesVersion(2);
    });

    it('every promotion has a generation of its own, one more than the one before', async () => {
      const generations = (await promotions()).map(({ generation }) => generation);
      expect(generations).toEqual(generations.map((_, index) => generations.length - index));
    });

    it('MLflow clients see the promoted version in Production and under the alias champion', async () => {
      const mlflow = `${platform.registryUrl}/api/2.0/mlflow`;
      const champion = (await ask(
        'GET',
        `${mlflow}/registered-models/alias?name=${platform.model}&alias=champion`,
      )) as { model_version: { version: string; current_stage: string } };
      expect(champion.model_version).toMatchObject({ version: '2', current_stage: 'Production' });
    });

    it('a client that moves the stage moves what is served', async () => {
      await ask('POST', `${platform.registryUrl}/api/2.0/mlflow/model-versions/transition-stage`, {
        name: platform.model,
        version: '3',
        stage: 'Production',
        archive_existing_versions: true,
      });
      await platform.stage.servesVersion(3);
      expect((await promotions())[0]).toMatchObject({ version: 3, cause: 'stage' });
    });

    it('to a version that there is not is refused, and nothing changes', async () => {
      await expect(ask('POST', api('rollback'), { to: 99 })).rejects.toMatchObject({ status: 404 });
      await expect(ask('POST', api('promotions'), { version: 99 })).rejects.toMatchObject({ status: 404 });
      expect((await platform.stage.modelInfo()).version).toBe('3');
    });
  });
});
