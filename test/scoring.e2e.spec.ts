import { execFile } from 'node:child_process';
import { request } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, services, uniqueName } from '#testing';
import { pythonWith, type Python } from '#testing/python';
import { root } from './baton.js';
import { Platform } from './platform.js';
import { differenceOf, listedIn, type Difference, type Said } from './scoring/differences.js';
import { ofIris, ofOptional, type Question } from './scoring/questions.js';
import { serveByMlflow } from './scoring/reference.js';

const page = join(root, 'docs/serving.md');

/** What `test/scoring/log_models.py` logs, and what is asked of each. */
const asked: Record<string, readonly Question[]> = {
  sklearn: ofIris,
  'sklearn-proba': ofIris,
  'sklearn-names': ofIris,
  'onnx-columns': ofIris,
  'onnx-plain': ofIris,
  'onnx-tensor': ofIris,
  'onnx-optional': ofOptional,
};

describe.skipIf(services().postgres === undefined)('questions to mlflow models serve and to a predictor', () => {
  let platform: Platform;
  let python: Python;
  let names: Record<string, string>;
  const listed = listedIn(page);

  beforeAll(async () => {
    python = await pythonWith(join(root, 'test/mlflow-client/requirements.txt'));
    if (python.python === undefined) return;
    const prefix = uniqueName('scoring');
    platform = await Platform.prepare('embedded', { models: [`${prefix}-*`] });
    await platform.start('registry');
    await platform.start('predictor');
    const script = [join(root, 'test/scoring/log_models.py'), prefix];
    names = JSON.parse(await run(python.python, script, platform.registryUrl)) as Record<string, string>;
    await eventually(async () => {
      for (const name of Object.values(names))
        expect((await fetch(`${platform.predictorUrl}/v2/models/${name}/ready`)).status).toBe(200);
    }, 120_000);
  }, 1_800_000);
  afterAll(() => (python.python === undefined ? undefined : platform.close()));

  it.for(Object.entries(asked))(
    'are answered alike by %s, or stand in docs/serving.md',
    { timeout: 600_000 },
    async ([key, questions], { skip }) => {
      if (python.python === undefined) skip(python.missing);
      const model = names[key];
      const reference = await serveByMlflow({ python: python.python ?? '', trackingUri: platform.registryUrl, model });
      try {
        const found: Difference[] = [];
        for (const question of questions) {
          const ours = await ask(`${platform.predictorUrl}/models/${model}/invocations`, question);
          const theirs = await ask(`${reference.url}/invocations`, question);
          const difference = differenceOf(`${key}: ${question.name}`, ours, theirs);
          if (difference !== undefined) found.push(difference);
        }
        // Every row that fits has been seen, not the first one alone.
        expect(found.filter((each) => listed.filter((row) => row.covers(each)).length === 0)).toEqual([]);
      } finally {
        await reference.stop();
      }
    },
  );

  it('lists no difference in docs/serving.md that does not occur', ({ skip }) => {
    if (python.python === undefined) skip(python.missing);
    expect(listed.length).toBeGreaterThan(0);
    expect(listed.filter(({ seen }) => !seen).map((row) => row.asked)).toEqual([]);
  });
});

/** On a connection of its own: MLflow's server closes some while the next question is on its way. */
const ask = (url: string, { contentType, body }: Question): Promise<Said> =>
  new Promise((resolve, reject) => {
    const headers = { 'content-length': Buffer.byteLength(body), ...(contentType && { 'content-type': contentType }) };
    const asking = request(url, { method: 'POST', headers, agent: false }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      answer.on('end', () => {
        resolve({ status: answer.statusCode ?? 0, text });
      });
    });
    asking.on('error', reject).end(body);
  });

/** What a program prints. @throws Error with what it wrote when it fails. */
const run = async (python: string, args: string[], trackingUri: string): Promise<string> => {
  // eslint-disable-next-line no-restricted-properties -- makes an environment for another process
  const { PATH, HOME } = process.env;
  const env = { PATH, HOME, PYTHONDONTWRITEBYTECODE: '1', MLFLOW_TRACKING_URI: trackingUri };
  const { stdout } = await promisify(execFile)(python, args, { env, maxBuffer: 64 * 1024 * 1024 });
  return stdout.trim().split('\n').at(-1) ?? '';
};
