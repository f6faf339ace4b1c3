import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeModel } from '#onnx';
import { PythonEnvironments } from './python-environments.js';
import { readRecipeFile } from './recipe-file.js';
import { RecipeProcesses } from './recipe-processes.js';
import { WorkFolders } from './work-folders.js';

type Graph = Parameters<typeof writeModel>[0];
const graph = (more: Partial<Graph>): Uint8Array =>
  writeModel({
    name: 'g',
    inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, -1] }],
    outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, -1] }],
    nodes: [{ op: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }],
    initializers: [{ name: 'w', shape: [3, 1], data: new Float32Array(3) }],
    ...more,
  });
const arcsine: Partial<Graph> = {
  inputs: [{ name: 'x', datatype: 'FP64', shape: [-1, 2] }],
  outputs: [{ name: 'y', datatype: 'FP64', shape: [-1, 2] }],
  nodes: [{ op: 'Asin', inputs: ['x'], outputs: ['y'] }],
  initializers: [],
};

describe('a model that a recipe logged', () => {
  let base: string;
  beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), 'baton-logged-'));
  });
  afterEach(() => rm(base, { recursive: true, force: true }));

  const tried = async (model: Uint8Array, beside: { columns?: number; example?: unknown } = {}) => {
    const recipes = new RecipeProcesses(new WorkFolders(join(base, 'work')), new PythonEnvironments({ python: 'python3' }), {
      timeoutMs: 30_000,
      limits: { maxRows: 1, maxBytes: 1 },
    }); // prettier-ignore
    const limits = { memoryBytes: 2 ** 30, diskBytes: 2 ** 28 };
    const file = { id: 'mine', title: 'Mine', command: ['true'], logs_model: true };
    const declaration = readRecipeFile(JSON.stringify(file), base, limits);
    const [path, example] = [join(base, 'model.onnx'), join(base, 'example.json')];
    await writeFile(path, model);
    if (beside.example !== undefined) await writeFile(example, JSON.stringify(beside.example));
    const fetched = { ...beside, path, sizeBytes: model.byteLength, example: beside.example && example } as const;
    const folder = await recipes.workFolder('job');
    await recipes.tryModel(
      fetched as Parameters<typeof recipes.tryModel>[0],
      declaration,
      folder,
      new AbortController().signal,
    );
    return 'fine';
  };
  const refused = (sentence: RegExp) => ({
    code: 'MODEL_FILE_INVALID',
    detail: expect.stringMatching(sentence) as string,
  });

  it('is refused when an operator has no implementation for its types', async () => {
    await expect(tried(graph(arcsine))).rejects.toMatchObject(refused(/onnxruntime refuses the file.*Asin/));
  });

  it('is refused when it does not answer a row as wide as its signature', async () => {
    await expect(tried(graph({}), { columns: 4 })).rejects.toMatchObject(
      refused(/can't work on this input.*a row of zeros; log the model with a small input example/),
    );
    expect(await tried(graph({}), { columns: 3 })).toBe('fine');
  });

  it('answers its input example where it has one, and is not judged by one that the graph does not take', async () => {
    expect(await tried(graph({}), { columns: 4, example: { inputs: [[1, 2, 3]] } })).toBe('fine');
    await expect(tried(graph({}), { example: { inputs: [[1, 2]] } })).rejects.toMatchObject(
      refused(/Tried was its input example/),
    );
    expect(await tried(graph({}), { columns: 4, example: { instances: [[1, 2]] } })).toBe('fine');
    await expect(tried(graph(arcsine), { example: { instances: [] } })).rejects.toMatchObject(refused(/Asin/));
  });
});
