import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Platform } from './platform.js';
import { stacks } from './stacks.js';
import { ended, runsOf, sendBare } from './training-events.js';

/** Numbers and texts with gaps; red ones and large ones are dear. */
const rows = Array.from({ length: 300 }, (_, row) => {
  const size = ((row * 37) % 100) / 10;
  const colour = ['red', 'green', 'blue'][row % 3];
  const cells = [row % 10 === 0 ? '' : String(size), row % 11 === 0 ? '' : colour, `shop ${String(row % 40)}`];
  return [...cells, colour === 'red' || size > 8 ? 'dear' : 'cheap'].join(',');
});

describe.each(stacks.slice(0, 1))(
  'a table of numbers and texts with gaps on the $stack stack',
  ({ stack, missing }) => {
    describe.skipIf(missing)('with its services', () => {
      let folder: string;
      let platform: Platform;
      beforeAll(async () => {
        folder = await mkdtemp(join(tmpdir(), 'baton-mixed-'));
        await writeFile(join(folder, 'prices.csv.gz'), gzipSync(`size,colour,shop,price\n${rows.join('\n')}\n`));
        platform = await Platform.start(stack, { environment: { TRAINER_DATA_ROOT: folder } });
        const dataset = { uri: 'file:prices.csv.gz', folds: 3 };
        const request = { model: platform.model, recipe: 'random-forest', parameters: { n_estimators: 20 }, dataset };
        await sendBare(await platform.eventBus(), platform.model, JSON.stringify(request));
        await platform.stage.servesVersion(1);
      }, 900_000);
      afterAll(async () => {
        await platform.close();
        await rm(folder, { recursive: true, force: true });
      });
      beforeEach(() => {
        platform.explainFailure();
      });

      const asked = async (
        path: string,
        body: unknown,
      ): Promise<{ status: number; answer: Record<string, unknown> }> => {
        const response = await fetch(`${platform.predictorUrl}${path}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        });
        return { status: response.status, answer: (await response.json()) as Record<string, unknown> };
      };

      it('is answered for, gaps and unknown texts and all', async () => {
        const { status, answer } = await asked('/predict', [
          { size: 1.5, colour: 'red', shop: 'shop 1' },
          { size: 1.5, colour: 'green', shop: 'never heard of' },
          { size: null, colour: 'red', shop: 'shop 2' },
          { size: 9.5, colour: null, shop: 'shop 3' },
          { shop: 'shop 4' },
        ]);
        expect(status, JSON.stringify(answer)).toBe(200);
        const predictions = answer.predictions as string[];
        expect(predictions.slice(0, 4)).toEqual(['dear', 'cheap', 'dear', 'dear']);
        expect(['dear', 'cheap']).toContain(predictions[4]);
      });

      it("is answered for in MLflow's protocol, too", async () => {
        const data = [[1.5, 'red', 'shop 1'], [null, 'red', 'shop 1'], [9.5, null, 'shop 1']]; // prettier-ignore
        const { status, answer } = await asked('/invocations', {
          dataframe_split: { columns: ['size', 'colour', 'shop'], data },
        });
        expect(status, JSON.stringify(answer)).toBe(200);
        expect(JSON.stringify(answer.predictions)).toContain('dear');
      });

      it('refuses a gap where training knew none, by the name of the column', async () => {
        const { status, answer } = await asked('/predict', [{ size: 1, colour: 'red', shop: null }]);
        expect(status).toBe(400);
        expect(JSON.stringify(answer)).toMatch(/shop/);
      });

      it('leaves its metrics with the run: of the rows held out, and cross-validated', async () => {
        const [{ metrics, outcome }] = (await ended(platform, platform.model, 1)) as unknown as {
          metrics?: Record<string, number>;
          outcome?: string;
        }[];
        expect(outcome ?? 'succeeded').toBe('succeeded');
        const [run] = await runsOf(platform, platform.model);
        const found = (await (
          await fetch(`${platform.registryUrl}/api/2.0/mlflow/runs/get?run_id=${run.info.run_id}`)
        ).json()) as {
          run: {
            data: { metrics: { key: string; value: number }[] };
            inputs: { dataset_inputs: { dataset: { name: string }; tags: { value: string }[] }[] };
          };
        };
        const logged = Object.fromEntries(found.run.data.metrics.map(({ key, value }) => [key, value]));
        expect(logged.accuracy).toBeGreaterThan(0.85);
        expect(logged.cv_accuracy).toBeGreaterThan(0.85);
        if (metrics !== undefined) expect(logged).toMatchObject(metrics);
        const inputs = found.run.inputs.dataset_inputs;
        expect(inputs.map(({ tags }) => tags[0].value).sort()).toEqual(['testing', 'training']);
        expect(new Set(inputs.map(({ dataset }) => dataset.name))).toEqual(new Set(['prices']));
      });
    });
  },
);
