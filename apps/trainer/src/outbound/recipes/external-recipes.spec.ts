import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { writeModel } from '#onnx';
import { eventually } from '#testing';
import type { RecipeProgress, RecipeTask, WorkFolder } from '../../core/recipe-runner.js';
import { PythonEnvironments } from './python-environments.js';
import { readRecipeFile } from './recipe-file.js';
import { RecipeProcesses } from './recipe-processes.js';
import { livingProcesses, startedWith } from './sandbox/processes.js';
import { WorkFolders } from './work-folders.js';

const limits = { memoryBytes: 2 ** 30, diskBytes: 2 ** 28 };
const environment = {
  trackingUri: 'http://127.0.0.1:1',
  token: 'secret',
  model: 'M',
  experiment: 'E',
  runId: 'run1',
  attempt: 2,
};
const identity = writeModel({
  name: 'identity',
  inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 2] }],
  outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 2] }],
  nodes: [{ op: 'Identity', inputs: ['x'], outputs: ['y'] }],
});

describe('external recipes', () => {
  let base: string;
  let folder: WorkFolder;
  const told: RecipeProgress[] = [];
  beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), 'baton-external-'));
    told.length = 0;
  });
  afterEach(() => rm(base, { recursive: true, force: true }));

  const recipes = () =>
    new RecipeProcesses(new WorkFolders(join(base, 'work')), new PythonEnvironments({ python: 'python3' }), {
      timeoutMs: 30_000,
      limits: { maxRows: 1_000, maxBytes: 1_000_000 },
      graceMs: 300,
      processes: 20,
    });
  /** Runs a program of Node as a recipe. */
  const run = async (code: string, more: object = {}, over: Partial<RecipeTask> = {}, signal?: AbortSignal) => {
    const file = { id: 'mine', title: 'Mine', command: [process.execPath, '-e', code], ...more };
    const declaration = readRecipeFile(stringify(file), base, limits);
    folder = await recipes().workFolder('job');
    const task = { declaration, parameters: { a: 1 }, testShare: 0.25, stratify: true, environment, ...over };
    return recipes().run(task, folder, (progress) => told.push(progress), signal ?? new AbortController().signal);
  };
  const leaves = (result: object) =>
    `require('node:fs').writeFileSync('output/result.json', ${JSON.stringify(JSON.stringify(result))});`;
  const model = () => `require('node:fs').writeFileSync('output/model/model.onnx', Buffer.from('${Buffer.from(identity).toString('base64')}', 'base64'));`; // prettier-ignore
  const done = () => model() + leaves({ model: 'model/model.onnx', metrics: { accuracy: 0.5 } });
  const says = (pattern: RegExp) => expect.stringMatching(pattern) as string;
  const nothingIsLeft = () =>
    eventually(() => {
      const mark = `TRAINER_MARK=${folder.mark}`;
      expect(livingProcesses().filter(({ pid }) => startedWith(pid, mark))).toEqual([]);
    });

  it('hands in parameters, data and surroundings, and nothing of the trainer’s own', async () => {
    const data = { path: '/data/rows.csv', format: 'csv' as const, sha256: 'a'.repeat(64), sizeBytes: 9 };
    const code = `${done()} const { readFileSync } = require('node:fs');
      console.log(JSON.stringify(process.env)); console.log(readFileSync('input/params.json', 'utf8')); console.log(readFileSync('input/data.json', 'utf8'));`;
    const result = await run(code, { environment: { MINE: 'yes' }, inherit: ['TZ'] }, { data, target: 'y' });
    expect(result.metrics).toEqual({ accuracy: 0.5 });
    expect(await readFile(result.files['model.onnx'])).toEqual(Buffer.from(identity));
    const [seen, params, input] = (await readFile(folder.logPath, 'utf8')).split('\n').map((line) => (line === '' ? {} : JSON.parse(line)) as Record<string, string>); // prettier-ignore
    expect(params).toEqual({ recipe: 'mine', parameters: { a: 1 } });
    expect(input).toMatchObject({ path: '/data/rows.csv', format: 'csv', target: 'y', testShare: 0.25 });
    expect(seen).toMatchObject({
      MINE: 'yes',
      HOME: folder.path,
      MLFLOW_TRACKING_URI: environment.trackingUri,
      MLFLOW_TRACKING_TOKEN: 'secret',
      MLFLOW_EXPERIMENT_NAME: 'E',
      MLFLOW_RUN_CONTEXT: '{"mlflow.parentRunId":"run1","baton.parentRunId":"run1"}',
      TRAINER_INPUT_DIR: join(folder.path, 'input'),
      TRAINER_OUTPUT_DIR: join(folder.path, 'output'),
      TRAINER_ATTEMPT: '2',
      TRAINER_MODEL: 'M',
    });
    expect(Object.keys(seen)).not.toContain('MLFLOW_RUN_ID');
    expect(Object.keys(seen)).not.toContain('VITEST');
    await nothingIsLeft();
  });

  it('gives the run to a recipe that takes it, and asks no model of one that logs its own', async () => {
    const code = 'console.log(process.env.MLFLOW_RUN_ID, process.env.MLFLOW_RUN_CONTEXT)';
    const result = await run(code, { logs_model: true, takes_run: true });
    expect(result).toEqual({ metrics: {}, facts: {}, files: {} });
    expect(await readFile(folder.logPath, 'utf8')).toBe('run1 undefined\n');
  });

  it('tells lines and steps as they are printed', async () => {
    const code = `console.log('one'); console.log('::progress {"step":1,"of":2,"message":"half"}'); console.error('two\\u0000'); ${done()}`;
    await run(code);
    expect(told).toContainEqual({ step: 1, of: 2, message: 'half' });
    const lines = told.flatMap(({ log = [] }) => log);
    expect(lines.sort()).toEqual(['one', 'two ']);
    expect(told.at(-1)).toMatchObject({ step: 1, of: 2, log: expect.any(Array) as unknown });
  });

  const child = (options: string, code: string) =>
    `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(code)}], ${options});`;
  const forever = 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000)';
  it.each([
    ['a child', child('{ stdio: "ignore" }', forever)],
    ['a child in a session of its own', child('{ detached: true, stdio: "ignore" }', forever)],
    ['a child that keeps the pipes open', child('{ detached: true, stdio: "inherit" }', forever)],
    [
      'a child whose parent is gone, in a session of its own',
      child('{ detached: true, stdio: "ignore" }', `${child('{ detached: true, stdio: "ignore" }', forever)} process.exit()`), // prettier-ignore
    ],
  ])('ends what a recipe leaves running: %s', async (_, leave) => {
    const result = await run(`${leave} setTimeout(() => { ${done()} process.exit(0) }, 600)`);
    expect(result.metrics).toEqual({ accuracy: 0.5 });
    await nothingIsLeft();
  });

  it('ends what got away from its group, its parents and its environment between two looks', async () => {
    const name = `600.${String(process.pid)}`;
    const escape = `require('node:child_process').execFileSync('/bin/sh', ['-c', '(setsid env -i sleep ${name} <&- >&- 2>&- &)']);`;
    await run(`${escape} ${done()}`);
    const running = () =>
      livingProcesses().filter(({ pid }) => {
        try {
          return readFileSync(`/proc/${String(pid)}/cmdline`, 'latin1').includes(name);
        } catch {
          return false;
        }
      });
    await eventually(() => {
      expect(running()).toEqual([]);
    });
  });

  it('tells who watches no more than anybody can follow, and the last of it', async () => {
    const code = `for (let i = 1; i <= 20000; i++) console.log('::progress {"step":1,"of":1,"message":"a\\\\u0000' + i + '"}'); ${done()}`;
    await run(code);
    expect(told.length).toBeLessThan(200);
    expect(told.at(-1)).toEqual({ step: 1, of: 1, message: 'a 20000' });
  });

  it('ends a recipe that is cancelled and does not listen, with its escaped child', async () => {
    const cancel = new AbortController();
    const reason = new Error('enough');
    const running = run(`${child('{ detached: true, stdio: "ignore" }', forever)} console.log('::progress {"message":"on"}'); ${forever}`, {}, {}, cancel.signal); // prettier-ignore
    await eventually(() => {
      expect(told).toContainEqual({ message: 'on' });
    });
    cancel.abort(reason);
    await expect(running).rejects.toBe(reason);
    await nothingIsLeft();
  });

  it.each([
    [
      'fills its memory',
      'const all = []; setInterval(() => all.push(Buffer.alloc(2e7, 1)), 20)',
      { memory: '150MiB' },
      'RECIPE_LIMIT_EXCEEDED',
      /memory, more than its 150 MiB/,
    ],
    [
      'fills the disk with one file',
      'const { appendFileSync } = require("node:fs"); for (;;) appendFileSync("big", Buffer.alloc(1e6))',
      { disk: '20MiB' },
      'RECIPE_LIMIT_EXCEEDED',
      /more than 20 MiB/,
    ],
    [
      'fills the disk with many files',
      'const { writeFileSync } = require("node:fs"); for (let i = 0; ; i++) writeFileSync("tmp/" + i, Buffer.alloc(1e6))',
      { disk: '20MiB' },
      'RECIPE_LIMIT_EXCEEDED',
      /more than 20 MiB/,
    ],
    [
      'forks',
      `for (let i = 0; i < 30; i++) require('node:child_process').spawn('sleep', ['60']); ${forever}`,
      {},
      'RECIPE_LIMIT_EXCEEDED',
      /more than 20 processes/,
    ],
    ['prints lines without end', 'require("node:child_process").execFileSync("yes", { stdio: "inherit" })', {}, 'RECIPE_LIMIT_EXCEEDED', /printed more/], // prettier-ignore
    ['prints one line without end', 'require("node:child_process").execFileSync("cat", ["/dev/zero"], { stdio: "inherit" })', {}, 'RECIPE_LIMIT_EXCEEDED', /printed more/], // prettier-ignore
    ['takes too long', forever, { timeout_seconds: 0.3 }, 'TRAINING_TIMED_OUT', /300 ms/],
    ['leaves no result', ';', {}, 'TRAINING_FAILED', /result\.json/],
    ['leaves a result that is no JSON', 'require("node:fs").writeFileSync("output/result.json", "{")', {}, 'TRAINING_FAILED', /result\.json/], // prettier-ignore
    ['leaves a pipe as its result', "require('node:child_process').execFileSync('mkfifo', ['output/result.json'])", {}, 'TRAINING_FAILED', /no such file that can be read/], // prettier-ignore
    ['leaves a device as its result', "require('node:fs').symlinkSync('/dev/zero', 'output/result.json')", {}, 'TRAINING_FAILED', /no such file that can be read/], // prettier-ignore
    ['leaves a result without end', "require('node:fs').writeFileSync('output/result.json', '['.repeat(2e7))", {}, 'TRAINING_FAILED', /more than 8 MiB/], // prettier-ignore
    ['leaves a pipe as its model', `require('node:child_process').execFileSync('mkfifo', ['output/model.onnx']); ${leaves({ model: 'model.onnx' })}`, {}, 'TRAINING_FAILED', /no file that can be read/], // prettier-ignore
    ['puts a link in place of its output', `const fs = require('node:fs'); fs.renameSync('output', 'elsewhere'); fs.symlinkSync('elsewhere', 'output'); ${leaves({ model: 'model.onnx' })} fs.writeFileSync('output/model.onnx', '')`, {}, 'TRAINING_FAILED', /leads out of output/], // prettier-ignore
    ['puts folders into folders without end', "for (let i = 0; i < 40; i++) { require('node:fs').mkdirSync('d'.repeat(200)); process.chdir('d'.repeat(200)) }", {}, 'RECIPE_LIMIT_EXCEEDED', /too deep/], // prettier-ignore
    ['names no model', leaves({ metrics: {} }), {}, 'TRAINING_FAILED', /names no model/],
    ['names a model that is not there', leaves({ model: 'model.onnx' }), {}, 'TRAINING_FAILED', /no file output\/model\.onnx/], // prettier-ignore
    ['names a model elsewhere', leaves({ model: '../../../etc/passwd' }), {}, 'TRAINING_FAILED', /below output/],
    [
      'leads elsewhere by a link',
      `require("node:fs").symlinkSync("/etc/passwd", "output/model.onnx"); ${leaves({ model: 'model.onnx' })}`,
      {},
      'TRAINING_FAILED',
      /leads out of output/,
    ],
    [
      'writes a damaged ONNX file',
      `require("node:fs").writeFileSync("output/model.onnx", "no model"); ${leaves({ model: 'model.onnx' })}`,
      {},
      'MODEL_FILE_INVALID',
      /ONNX/,
    ],
    ['says what is wrong', leaves({ error: { code: 'DATASET_INVALID', detail: 'No rows.' } }), {}, 'DATASET_INVALID', /No rows/], // prettier-ignore
    ['would wait for ever', leaves({ error: { code: 'REGISTRY_UNAVAILABLE', detail: 'x' } }), {}, 'TRAINING_FAILED', /x/], // prettier-ignore
    ['is to be tried again', 'process.exit(75)', {}, 'TRAINING_FAILED', /75/],
    ['refuses its parameters', 'process.exit(64)', {}, 'PARAMETER_INVALID', /64/],
    ['is not there', ';', { command: ['/no/such/program'] }, 'TRAINING_FAILED', /127|cannot be started/],
  ])('tells of a recipe that %s, and leaves nothing running', async (_, code, more, expected, sentence) => {
    await expect(run(code, more)).rejects.toMatchObject({ code: expected, detail: says(sentence) });
    await nothingIsLeft();
    expect((await readFile(folder.logPath)).byteLength).toBeLessThan(2_000_000);
    await folder.remove();
    expect(await readdir(join(base, 'work'))).toEqual([]);
  });

  it('checks the model of a recipe that may have little memory with what the runtime needs', async () => {
    const script = join(base, 'small.sh');
    await writeFile(join(base, 'small.onnx'), identity);
    await writeFile(
      script,
      `cp "${base}/small.onnx" output/model.onnx; echo '{"model":"model.onnx"}' > output/result.json`,
    );
    const result = await run('', { command: ['/bin/sh', script], memory: '20MiB' });
    expect(Object.keys(result.files)).toEqual(['model.onnx']);
  });

  it('tells of a model that loads and cannot run', async () => {
    // It takes two columns by its signature and reshapes them into five.
    const wrong = writeModel({
      name: 'wrong',
      inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 2] }],
      outputs: [{ name: 'y', datatype: 'FP32', shape: [5, 5] }],
      nodes: [{ op: 'Reshape', inputs: ['x', 'shape'], outputs: ['y'] }],
      initializers: [{ name: 'shape', shape: [2], data: BigInt64Array.from([5n, 5n]) }],
    });
    await writeFile(join(base, 'wrong.onnx'), wrong);
    const code = `require("node:fs").copyFileSync(${JSON.stringify(join(base, 'wrong.onnx'))}, "output/model.onnx"); ${leaves({ model: 'model.onnx' })}`;
    await expect(run(code)).rejects.toMatchObject({ code: 'MODEL_FILE_INVALID', detail: says(/input/i) });
  });

  it('is guarded by its kernel against a burst of memory', async () => {
    const status = `console.log(require('node:fs').readFileSync('/proc/self/limits', 'utf8'));`;
    await run(status + done(), { memory: '1GiB', disk: '100MiB' });
    const log = readFileSync(folder.logPath, 'utf8');
    expect(log).toMatch(new RegExp(`Max data size +${String(3 * 2 ** 30)} `));
    expect(log).toMatch(new RegExp(`Max file size +${String(101 * 2 ** 20)} `));
    expect(log).toMatch(/Max core file size +0 /);
  });
});
