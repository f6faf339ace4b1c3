import { spawnSync } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { deadLetterTopic } from '#contracts';
import { listDeadLetters, type EventBus, type ListedDeadLetter } from '#messaging';
import { eventually, uniqueName } from '#testing';
import { baton } from './baton.js';
import { Platform } from './platform.js';
import { stacks } from './stacks.js';
import { ended, requestsOf, runsOf, sendBare, versionsOf } from './training-events.js';

const flower = { 'sepal length (cm)': 5.1, 'sepal width (cm)': 3.5, 'petal length (cm)': 1.4, 'petal width (cm)': 0.2 };
const hasKcat = spawnSync('kcat', ['-V']).status === 0;

describe.each(stacks)('delivery on the $stack stack', ({ stack, missing }) => {
  describe.skipIf(missing)('with its services', () => {
    let platform: Platform;
    let bus: EventBus;
    let datasets: Server;
    let datasetUrl: string;

    beforeAll(async () => {
      platform = await Platform.start(stack);
      bus = await platform.eventBus();
      datasets = createServer((_, answer) =>
        answer.writeHead(200, { 'content-type': 'text/csv' }).end('a,b,target\n1,2,0\n3,4,1\n'),
      );
      datasetUrl = await new Promise((resolve) =>
        datasets.listen(0, '127.0.0.1', () => {
          resolve(`http://127.0.0.1:${String((datasets.address() as AddressInfo).port)}/small.csv`);
        }),
      );
    }, 900_000);
    afterAll(async () => {
      datasets.close();
      await platform.close();
    });
    beforeEach(() => {
      platform.explainFailure();
    });

    /** Posts to the predictor; the status and what the body says. */
    const predict = async (body: string, path = '/predict'): Promise<{ status: number; text: string }> => {
      const answer = await fetch(`${platform.predictorUrl}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      });
      return { status: answer.status, text: await answer.text() };
    };

    const line = (request: object): string => JSON.stringify(request);

    /** Dead letters of the training consumer with this key. */
    const deadLettersOf = async (key: string): Promise<ListedDeadLetter[]> =>
      (await listDeadLetters(bus, deadLetterTopic('training.requested', 'trainer'))).filter(
        ({ original }) => original.key === key,
      );

    it('with no model promoted the predictor is live, not ready, and answers 503 with a sentence', async () => {
      expect(await (await fetch(`${platform.predictorUrl}/v2/health/live`)).json()).toMatchObject({ live: true });
      const ready = await fetch(`${platform.predictorUrl}/v2/health/ready`);
      expect(ready.status).toBe(503);
      expect(await ready.json()).toMatchObject({ ready: false, live: true });
      const { status, text } = await predict(line([flower]));
      expect(status).toBe(503);
      expect(text).toMatch(/promoted/i);
    });

    it(
      'broken records become dead letters that name what is wrong, and the bare line behind them becomes a served model',
      { timeout: 180_000 },
      async () => {
        const { model } = platform;
        const broken = ['{"model":', line({ model: 7, parameters: 'none', recipe: 'random-forest', colour: 'red' })];
        for (const each of broken) await sendBare(bus, model, each);
        await sendBare(
          bus,
          model,
          line({ model, recipe: 'random-forest', parameters: { n_estimators: 100, random_state: 42 } }),
        );
        const [request] = await ended(platform, model, 1);
        expect(request).toMatchObject({ state: 'succeeded', version: 1 });
        await platform.stage.servesVersion(1);
        const { status, text } = await predict(line([flower]));
        expect(status).toBe(200);
        expect(JSON.parse(text)).toMatchObject({ predictions: [0] });
        expect((await fetch(`${platform.predictorUrl}/v2/health/ready`)).status).toBe(200);

        const letters = await eventually(async () => {
          const found = await deadLettersOf(model);
          expect(found).toHaveLength(2);
          return found;
        });
        expect(letters.map(({ original }) => new TextDecoder().decode(original.value ?? new Uint8Array()))).toEqual(
          broken,
        );
        expect(letters[0]).toMatchObject({ code: 'EVENT_MALFORMED', consumer: 'trainer' });
        expect(letters[1].code).toBe('EVENT_INVALID');
        for (const field of ['model', 'parameters', 'colour']) expect(letters[1].reason).toContain(field);
      },
    );

    it('baton lists, shows and puts back a dead letter', { timeout: 120_000 }, async () => {
      const key = uniqueName('Letter');
      await sendBare(bus, key, 'not JSON');
      const [letter] = await eventually(async () => {
        const found = await deadLettersOf(key);
        expect(found).toHaveLength(1);
        return found;
      });
      const place = [letter.topic, String(letter.partition), letter.offset];
      const shown = await baton(['dlt', 'show', ...place, '--json'], platform.environment);
      expect(JSON.parse(shown.out)).toMatchObject({ code: 'EVENT_MALFORMED', original: { key, value: 'not JSON' } });
      expect((await baton(['dlt', 'redrive', ...place], platform.environment)).code).toBe(0);
      // It is as broken as before: it comes back as another letter, and the first is marked.
      await eventually(async () => {
        expect((await deadLettersOf(key)).map(({ redriven }) => redriven).sort()).toEqual([false, true]);
      });
      const listed = await baton(['dlt', 'list', letter.topic, '--json'], platform.environment);
      const open = (JSON.parse(listed.out) as { original: { key: string } }[]).filter(
        ({ original }) => original.key === key,
      );
      expect(open).toHaveLength(1);
    });

    it('the bare line sent twice is two requests', { timeout: 180_000 }, async () => {
      const model = uniqueName('Twice');
      const same = line({ model, recipe: 'logistic-regression', promote: 'never' });
      await sendBare(bus, model, same);
      await sendBare(bus, model, same);
      const requests = await ended(platform, model, 2);
      expect(requests.map(({ state }) => state)).toEqual(['succeeded', 'succeeded']);
      expect((await versionsOf(platform, model)).map(({ version }) => version).sort()).toEqual(['1', '2']);
    });

    it.each([
      ['an unknown recipe', { recipe: 'astrology' }, 'RECIPE_UNKNOWN', /random-forest/],
      [
        'a parameter out of range',
        { recipe: 'random-forest', parameters: { n_estimators: -1 } },
        'PARAMETER_INVALID',
        /n_estimators/,
      ],
      ['an unknown parameter', { recipe: 'random-forest', parameters: { trees: 10 } }, 'PARAMETER_INVALID', /trees/],
      [
        'a data set that is unreachable',
        { recipe: 'random-forest', dataset: { uri: 'http://127.0.0.1:9/x.csv' } },
        'DATASET_UNREACHABLE',
        /127\.0\.0\.1:9/,
      ],
      ['too few rows', { recipe: 'random-forest', dataset: { uri: 'SMALL' } }, 'DATASET_TOO_SMALL', /row/],
    ])(
      '%s ends as failed with a code and a sentence, the run FAILED',
      { timeout: 120_000 },
      async (_, asked, code, says) => {
        const model = uniqueName('Fails');
        await sendBare(bus, model, line({ model, ...asked }).replace('SMALL', datasetUrl));
        const [request] = await ended(platform, model, 1);
        expect(request).toMatchObject({ state: 'failed', version: null, error: { code } });
        expect(request.error?.message).toMatch(says);
        const runs = await runsOf(platform, model);
        expect(runs.map(({ info }) => info.status)).toEqual(['FAILED']);
      },
    );

    it.each([
      [
        'a missing feature',
        line([flower, { ...flower, 'petal width (cm)': undefined }]),
        /row 1|rows? 2|\[1\]/i,
        /petal width/,
      ],
      ['an unknown feature', line([{ ...flower, colour: 1 }]), /row|\[0\]/i, /colour/],
      ['a feature that is no number', line([{ ...flower, 'sepal width (cm)': 'wide' }]), /row|\[0\]/i, /sepal width/],
      ['no list', line({ rows: 1 }), /list|array/i, /./],
      ['an empty body', '', /./, /./],
      ['no JSON', '[{', /JSON/i, /./],
    ])('a prediction with %s is a 4xx that names it', async (_, body, place, field) => {
      const { status, text } = await predict(body);
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(500);
      expect(text).toMatch(place);
      expect(text).toMatch(field);
      expect(platform.isRunning('predictor')).toBe(true);
    });

    it('a tensor of the wrong shape is a 400 in the words of the Open Inference Protocol', async () => {
      const tensor = { name: 'features', datatype: 'FP32', shape: [1, 3], data: [1, 2, 3] };
      const { status, text } = await predict(line({ inputs: [tensor] }), `/v2/models/${platform.model}/infer`);
      expect(status).toBe(400);
      expect((JSON.parse(text) as { error: string }).error).toMatch(/shape/);
    });

    it('a body of 50 MB is refused, and the process lives on', async () => {
      const answer = await predict(`[${'1,'.repeat(25 * 1024 * 1024)}1]`).catch(() => ({ status: 413 }));
      expect(answer.status).toBe(413);
      expect((await predict(line([flower]))).status).toBe(200);
    });

    if (stack === 'real')
      it.skipIf(!hasKcat)(
        'the line of the README, by kcat itself, leads to a version',
        { timeout: 120_000 },
        async () => {
          const model = uniqueName('Kcat');
          const { KAFKA_BROKERS = '' } = platform.environment;
          const said = spawnSync('kcat', ['-P', '-b', KAFKA_BROKERS, '-t', 'training.requested', '-k', model], {
            input: `${line({ model, recipe: 'random-forest', parameters: { n_estimators: 100, random_state: 42 } })}\n`,
          });
          expect(said.status).toBe(0);
          expect(await ended(platform, model, 1)).toMatchObject([{ state: 'succeeded', version: 1 }]);
        },
      );

    it('nothing of it was left over: no app ended, no request is open', async () => {
      for (const app of ['registry', 'predictor', 'trainer'] as const) expect(platform.isRunning(app)).toBe(true);
      expect((await requestsOf(platform, platform.model)).every(({ state }) => state === 'succeeded')).toBe(true);
    });
  });
});
