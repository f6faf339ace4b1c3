import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { grpcurl, type Grpcurl } from '#testing/native';
import { pythonWith, type Python } from '#testing/python';
import { promoteEchoes } from '../apps/predictor/src/echo-models.behaviour.js';
import { PredictorRig } from '../apps/predictor/src/predictor-rig.behaviour.js';
import { root } from './baton.js';

const folder = join(root, 'test/oip-clients');
const files = ['triton_http', 'triton_asyncio', 'triton_grpc', 'kserve_client'];

/** The checks of a Python file, read from its text, so that they can be counted where there is no Python. */
const checksOf = (file: string): string[] =>
  [...readFileSync(join(folder, `${file}.py`), 'utf8').matchAll(/^@check\s+(?:async )?def (\w+)/gm)].map(
    ([, name]) => `${file}.${name}`,
  );

let rig: PredictorRig;
beforeAll(async () => {
  rig = await PredictorRig.make();
  // The limit is what one check exceeds on purpose.
  await rig.start({ PREDICTOR_MAX_BODY_BYTES: '2000000' });
  await promoteEchoes(rig);
});
afterAll(() => rig.end());

describe('clients of the Open Inference Protocol that people have', () => {
  let python: Python;
  const results: Record<string, string> = {};
  beforeAll(async () => {
    python = await pythonWith(join(folder, 'requirements.txt'));
    if (python.python === undefined) return;
    const places = ['--http', new URL(rig.url).host, '--grpc', `127.0.0.1:${String(rig.grpcPort)}`];
    for (const file of files)
      Object.assign(results, JSON.parse(await run(python.python, ['harness.py', file, ...places])));
  }, 1_200_000);

  it.for(files.flatMap(checksOf))('%s', (name, { skip }) => {
    if (python.python === undefined) skip(python.missing);
    expect(results[name]).toBe('');
  });
});

describe('grpcurl', () => {
  let found: Grpcurl;
  const service = 'inference.GRPCInferenceService';
  const data = JSON.stringify({
    model_name: 'iris',
    id: '42',
    inputs: [{ name: 'features', datatype: 'FP32', shape: [1, 2], contents: { fp32_contents: [1, 2] } }],
    outputs: [{ name: 'label' }],
  });
  beforeAll(async () => {
    found = await grpcurl();
  }, 1_200_000);

  type Ask = (options: string[], ...asked: string[]) => Promise<string>;
  const tries: [name: string, work: (ask: Ask) => Promise<void>][] = [
    [
      'finds out by reflection what there is',
      async (ask) => {
        const services = (await ask([], 'list')).trim().split('\n');
        expect(services).toEqual(expect.arrayContaining(['grpc.health.v1.Health', service]));
        expect(await ask([], 'describe', `${service}.ModelInfer`)).toContain('.inference.ModelInferRequest');
        expect(await ask([], 'describe', '.inference.InferTensorContents')).toContain(
          'repeated float fp32_contents = 6;',
        );
      },
    ],
    [
      'asks for health',
      async (ask) => {
        expect(JSON.parse(await ask([], 'grpc.health.v1.Health/Check'))).toEqual({ status: 'SERVING' });
      },
    ],
    [
      'infers, and is told which version answered',
      async (ask) => {
        const answer = await ask(['-v', '-H', 'x-request-id: abc', '-d', data], `${service}/ModelInfer`);
        expect(answer).toContain('x-model-version: 1');
        expect(answer).toContain('x-request-id: abc');
        expect(answer).toMatch(/"raw_?[oO]utput_?[cC]ontents": \[\s*"AQAAAAAAAAA="/);
        expect(answer).toMatch(/"id": "42"/);
      },
    ],
    [
      'shows refusals',
      async (ask) => {
        await expect(ask(['-d', '{"model_name": "none"}'], `${service}/ModelInfer`)).rejects.toThrow(
          /Code: NotFound[^]*No model "none" is promoted/,
        );
        await expect(ask(['-d', '{"model_name": "iris"}'], `${service}/ModelInfer`)).rejects.toThrow(
          /Code: InvalidArgument[^]*Input "features" is missing/,
        );
      },
    ],
  ];
  it.for(tries)('%s', async ([, work], { skip }) => {
    const { program, missing } = found;
    if (program === undefined) skip(missing);
    await work((options, ...asked) =>
      run(program ?? '', ['-plaintext', ...options, `127.0.0.1:${String(rig.grpcPort)}`, ...asked]),
    );
  });
});

/** What a program prints. @throws Error with what it wrote when it fails. */
const run = async (command: string, args: string[]): Promise<string> => {
  // eslint-disable-next-line no-restricted-properties -- makes an environment for another process
  const { PATH, HOME } = process.env;
  const env = { PATH, HOME, PYTHONDONTWRITEBYTECODE: '1' };
  const { stdout } = await promisify(execFile)(command, args, { cwd: folder, env, maxBuffer: 64 * 1024 * 1024 });
  return stdout;
};
