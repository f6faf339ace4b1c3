import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readModel, signatureOf } from '#onnx';
import { openSession } from '#onnx/runtime';
import { eventually } from '#testing';
import { BuiltInCatalogue } from '../../core/built-in-recipes.js';
import type { FetchedData } from '../../core/data-sources.js';
import type { RecipeProgress, RecipeTask, WorkFolder } from '../../core/recipe-runner.js';
import { bundledPath } from '../data-sources/bundled.js';
import { PythonEnvironments } from './python-environments.js';
import { RecipeProcesses, type RecipeProcessOptions } from './recipe-processes.js';
import { WorkFolders } from './work-folders.js';

const never = new AbortController().signal;
const catalogue = new BuiltInCatalogue({ memoryBytes: 2 ** 31, diskBytes: 2 ** 30 });
const environment = { trackingUri: 'http://127.0.0.1:1', model: 'M', experiment: 'M', runId: 'r', attempt: 1 };

describe('recipes in processes of their own', () => {
  let workDir: string;
  let folder: WorkFolder;
  beforeEach(async () => {
    workDir = await mkdtemp(join(tmpdir(), 'baton-recipes-'));
  });
  afterEach(() => rm(workDir, { recursive: true, force: true }));

  const processes = (over: Partial<RecipeProcessOptions> = {}) =>
    new RecipeProcesses(new WorkFolders(workDir), new PythonEnvironments({ python: 'python3' }), {
      timeoutMs: 60_000,
      graceMs: 200,
      limits: { maxRows: 1_000, maxBytes: 1_000_000 },
      ...over,
    });
  const iris = ({ recipe = 'random-forest', ...over }: Partial<RecipeTask> & { recipe?: string } = {}): RecipeTask => ({
    declaration: catalogue.find(recipe),
    environment,
    parameters: { n_estimators: 20, max_depth: null, random_state: 42 },
    data: { path: bundledPath('iris'), format: 'csv', sha256: '', sizeBytes: 0 },
    testShare: 0.25,
    stratify: true,
    ...over,
  });
  const run = async (
    task: RecipeTask,
    runner = processes(),
    signal: AbortSignal = never,
    onProgress: (progress: RecipeProgress) => void = () => undefined,
  ) => {
    folder = await runner.workFolder('job');
    return runner.run(task, folder, onProgress, signal);
  };
  const script = (code: string) => processes({ builtIn: [process.execPath, '-e', code] });
  const csv = async (text: string): Promise<FetchedData> => {
    const path = join(workDir, 'rows.csv');
    await writeFile(path, text);
    return { path, format: 'csv', sha256: '', sizeBytes: 0 };
  };

  it.each([
    ['random-forest', { n_estimators: 100, max_depth: null, random_state: 42 }],
    ['logistic-regression', { C: 10, max_iter: 500, random_state: 42 }],
  ])('trains %s on iris into a model that onnxruntime loads', async (recipe, parameters) => {
    const progress: RecipeProgress[] = [];
    const result = await run(iris({ recipe, parameters }), processes(), never, (each) => progress.push(each));
    expect(Object.keys(result.metrics).sort()).toEqual(
      ['accuracy', 'balanced_accuracy', 'f1_macro', 'f1_weighted', 'log_loss', 'roc_auc'], // prettier-ignore
    );
    const pictures = Object.keys(result.artifacts ?? {});
    expect(pictures).toEqual(expect.arrayContaining(['plots/confusion_matrix.svg', 'plots/roc_curve.png']));
    for (const picture of Object.values(result.artifacts ?? {}))
      expect((await stat(picture)).size).toBeGreaterThan(500);
    expect(result.metrics.accuracy).toBeGreaterThan(0.85);
    expect(result.metrics.log_loss).toBeLessThan(0.5);
    expect(Number(result.facts.train_rows) + Number(result.facts.test_rows)).toBe(150);
    expect(progress.map(({ message }) => message)).toContain('Writing the model and its pictures.');

    const bytes = await readFile(result.files['model.onnx']);
    expect(signatureOf(readModel(bytes)).inputs).toEqual([{ name: 'features', datatype: 'FP32', shape: [-1, 4] }]);
    const example = JSON.parse(await readFile(result.files['input_example.json'], 'utf8')) as {
      columns: string[];
      data: number[][];
    };
    expect(example.columns).toEqual(result.signature?.inputs.map(({ name }) => name));
    const session = await openSession(bytes);
    const [label] = await session.run(
      [{ name: 'features', datatype: 'FP32', shape: [1, 4], data: Float32Array.from(example.data[0]) }],
      ['label'],
    );
    expect([0n, 1n, 2n]).toContain(label.data[0]);
    await session.release();
  });

  it('gives the same model and metrics to the same request', async () => {
    const [one, two] = [await run(iris()), await run(iris())];
    expect(two.metrics).toEqual(one.metrics);
    expect(await readFile(two.files['model.onnx'])).toEqual(await readFile(one.files['model.onnx']));
  });

  it.each([
    ['a slip among numbers', `a,b,y\n${'1,2,0\n'.repeat(20)}1,x,1\n`, 'DATASET_INVALID', /Line 22 .*"x".*"b"/],
    ['a line with a cell too many', 'a,b,y\n1,2,0\n1,2,3,4\n', 'DATASET_INVALID', /Line 3/],
    ['nothing but a header', 'a,b,y\n', 'DATASET_INVALID', /no rows/],
    ['nothing at all', '', 'DATASET_INVALID', /empty/],
    ['one column', 'a;b;y\n1;2;0\n', 'DATASET_INVALID', /separated by commas/],
    ['no header', '1,2,0\n3,4,1\n', 'DATASET_INVALID', /header/],
    ['too few rows', 'a,y\n1,0\n2,1\n', 'DATASET_TOO_SMALL', /2 rows/],
    ['a single class', 'a,y\n1,0\n2,0\n3,0\n4,0\n5,0\n', 'DATASET_INVALID', /single class/],
  ])('says what to change: %s', async (_, text, code, sentence) => {
    await expect(run(iris({ data: await csv(text) }))).rejects.toMatchObject({
      code,
      detail: expect.stringMatching(sentence) as string,
    });
  });

  it('names a target that is not there', async () => {
    await expect(run(iris({ target: 'species' }))).rejects.toMatchObject({
      code: 'DATASET_INVALID',
      detail: expect.stringContaining('species') as string,
    });
  });

  it('learns from the features it is told, towards names as labels', async () => {
    const rows = Array.from({ length: 40 }, (_, i) => `${String(i)},${String(i % 7)},${i < 20 ? 'low' : 'high'}`);
    const data = await csv(`size,noise,class\n${rows.join('\n')}\n`);
    const result = await run(iris({ data, target: 'class', features: ['size'] }));
    expect(result.signature?.inputs).toEqual([{ name: 'size', type: 'double', required: true }]);
    expect(result.signature?.outputs[0]).toEqual({ name: 'label', dtype: 'str', shape: [-1] });
    expect(result.metrics.accuracy).toBeGreaterThan(0.8);
  });

  it('ends a recipe that takes too long', async () => {
    const slow = processes({ builtIn: [process.execPath, '-e', 'setInterval(() => {}, 1000)'], timeoutMs: 300 });
    await expect(run(iris(), slow)).rejects.toMatchObject({ code: 'TRAINING_TIMED_OUT' });
  });

  it('kills a recipe that does not listen, with what it started', async () => {
    const cancel = new AbortController();
    const stubborn = script(`
      process.on('SIGTERM', () => {});
      const child = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
      console.log('::progress ' + JSON.stringify({ message: process.pid + ' ' + child.pid }));
      setInterval(() => {}, 1000);`);
    let pids: number[] = [];
    const reason = new Error('enough');
    await expect(
      run(iris(), stubborn, cancel.signal, ({ message }) => {
        pids = message.split(' ').map(Number);
        cancel.abort(reason);
      }),
    ).rejects.toBe(reason);
    expect(pids).toHaveLength(2);
    await eventually(() => {
      for (const pid of pids) expect(isAlive(pid)).toBe(false);
    });
  });

  it.each([
    ['killed', 'process.kill(process.pid, "SIGKILL")', 'TRAINING_CRASHED', /SIGKILL/],
    ['ended with an error', 'console.error("no idea"); process.exit(3)', 'TRAINING_FAILED', /exit code 3.*no idea/],
    ['ended for its parameters', 'process.exit(64)', 'PARAMETER_INVALID', /64/],
    ['ended without a result', 'process.exit(0)', 'TRAINING_FAILED', /result\.json/],
  ])('tells of a process that was %s', async (_, code, expected, sentence) => {
    await expect(run(iris(), script(code))).rejects.toMatchObject({
      code: expected,
      detail: expect.stringMatching(sentence) as string,
    });
  });

  it('tells of a process whose memory was full, which another attempt does not mend', async () => {
    const hungry = 'const all = []; for (;;) all.push(new Array(1e5).fill({}));';
    const builtIn = [process.execPath, '--max-old-space-size=30', '-e', hungry];
    await expect(run(iris(), processes({ builtIn }))).rejects.toMatchObject({
      code: 'RECIPE_LIMIT_EXCEEDED',
      detail: expect.stringMatching(/ran out of memory; .*Its last words: FATAL ERROR:.*heap out of memory$/) as string,
    });
  });

  it('keeps what the recipe printed, and passes nothing of its environment on', async () => {
    const talkative = script('console.log("hello"); console.error(JSON.stringify(process.env)); process.exit(1)');
    await expect(run(iris(), talkative)).rejects.toMatchObject({ code: 'TRAINING_FAILED' });
    expect(await readFile(folder.logPath, 'utf8')).toMatch(/hello\n/);
    expect(await readFile(folder.logPath, 'utf8')).toMatch(/^\{"TRAINER_MARK":"[\w-]+"\}$/m);
    await folder.remove();
    expect(await readdir(workDir)).toEqual([]);
  });

  it('ends when the trainer dies', async () => {
    folder = await processes().workFolder('orphan');
    await writeFile(
      join(folder.path, 'input', 'params.json'),
      JSON.stringify({ recipe: 'random-forest', parameters: { n_estimators: 10_000 } }),
    );
    const rows = Array.from(
      { length: 20_000 },
      (_, i) => `${String(Math.sin(i))},${String(Math.cos(i * 7))},${String(i % 3)}`,
    );
    const data = {
      ...(await csv(`a,b,y\n${rows.join('\n')}\n`)),
      testShare: 0.25,
      maxRows: 30_000,
      maxBytes: 10_000_000,
    };
    await writeFile(join(folder.path, 'input', 'data.json'), JSON.stringify(data));
    const recipe = createRequire(import.meta.url).resolve('#trainer/recipe-process');
    expect(existsSync(recipe), 'npm run build makes it').toBe(true);
    // A stand-in for the trainer, that is killed while the recipe is in the middle of its fit.
    const trainer = spawn(
      process.execPath,
      [
        '-e',
        `
      const child = require('node:child_process').spawn(process.execPath, [${JSON.stringify(recipe)}], { cwd: ${JSON.stringify(folder.path)}, stdio: ['pipe', 'pipe', 'inherit'], detached: true });
      child.stdout.on('data', (chunk) => { if (String(chunk).includes('"step"')) console.log(child.pid); });`,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const pid = await new Promise<number>((resolve) =>
      trainer.stdout.once('data', (chunk: Buffer) => {
        resolve(Number(String(chunk).split('\n')[0]));
      }),
    );
    expect(isAlive(pid)).toBe(true);
    trainer.kill('SIGKILL');
    await eventually(() => {
      expect(isAlive(pid)).toBe(false);
    });
  });
});

/** A zombie that nobody has reaped yet is dead. */
const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${String(pid)}/stat`, 'utf8'));
  } catch {
    return false;
  }
};
