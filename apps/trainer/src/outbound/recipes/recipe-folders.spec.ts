import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PlatformError } from '#runtime';
import { RecipeFolders } from './recipe-folders.js';

const limits = { memoryBytes: 1000, diskBytes: 2000 };
const mine = `id: mine
title: Mine
command: [python, ./train.py, --fast]
requirements: ../shared/requirements.txt
memory: 1.5GiB
disk: 10 MB
timeout_seconds: 1.5
environment: {OMP_NUM_THREADS: '2'}
inherit: [HF_TOKEN]
logs_model: true
takes_run: true
parameters:
  depth: {type: integer, minimum: 1, maximum: 9, default: 3}
  rate: {type: number, minimum: 0}
  kind: {type: string, choices: [a, b], default: a}
  file: {type: string, pattern: '[a-z]+', nullable: true, default: null}
  fast: {type: boolean, default: false}
  words: {type: strings, default: []}
  more: {type: object, default: {}}
`;

describe('recipes in folders', () => {
  let base: string;
  beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), 'baton-catalogue-'));
  });
  afterEach(() => rm(base, { recursive: true, force: true }));
  const declare = async (name: string, text: string) => {
    await mkdir(join(base, name));
    await writeFile(join(base, name, 'recipe.yaml'), text);
  };
  const fault = (): string => {
    try {
      new RecipeFolders(base, limits);
    } catch (error) {
      expect(error).toMatchObject({ code: 'CONFIGURATION_INVALID' });
      return (error as PlatformError).detail;
    }
    return '';
  };

  it('are there beside the built-in ones', async () => {
    await declare('some', mine);
    await declare('.git', 'no recipe');
    await mkdir(join(base, 'data'));
    await writeFile(join(base, 'README.md'), '');
    const catalogue = new RecipeFolders(base, limits);
    expect(catalogue.recipes().map(({ id }) => id)).toEqual(expect.arrayContaining(['random-forest', 'mine']));
    expect(catalogue.find('random-forest')).toMatchObject({ ...limits, id: 'random-forest' });
    expect(catalogue.find('mine')).toMatchObject({
      title: 'Mine',
      memoryBytes: 1.5 * 1024 ** 3,
      diskBytes: 10e6,
      external: {
        folder: join(base, 'some'),
        command: ['python', join(base, 'some', 'train.py'), '--fast'],
        requirements: join(base, 'shared', 'requirements.txt'),
        environment: { OMP_NUM_THREADS: '2' },
        inherit: ['HF_TOKEN'],
        timeoutMs: 1500,
        model: 'logged',
        takesRun: true,
      },
    });
    expect(() => catalogue.find('other')).toThrow(/no recipe "other"; the trainer has .*random-forest.*mine/);
    expect(new RecipeFolders(undefined, limits).recipes().every(({ external }) => external === undefined)).toBe(true);
  });

  it('fill in defaults, and name everything that is wrong with the parameters', async () => {
    await declare('some', mine);
    const { readParameters } = new RecipeFolders(base, limits).find('mine');
    expect(readParameters({ rate: 0.5 })).toEqual({ depth: 3, rate: 0.5, kind: 'a', file: null, fast: false, words: [], more: {} }); // prettier-ignore
    const given = { depth: 1.5, kind: 'c', file: 'A', fast: 'yes', words: [1], more: 3, speed: 1 };
    try {
      readParameters(given);
      expect.unreachable();
    } catch (error) {
      const { code, detail } = error as PlatformError;
      expect(code).toBe('PARAMETER_INVALID');
      for (const words of [
        'depth must be a whole number from 1 to 9',
        'rate must be a number of at least 0',
        'kind must be one of a, b',
        'file must be a text like [a-z]+',
        'fast must be true or false',
        'words 0 must be a list of texts',
        'more must be an object',
        '"speed" unknown; the parameters are depth, rate,',
      ])
        expect(detail).toContain(words);
    }
    // A pattern is about the whole value.
    expect(() => readParameters({ rate: 1, file: 'abc/../x' })).toThrow(/file must be/);
  });

  it.each([
    ['a misspelt limit', `${mine}\nmemroy: 1GiB`, /memroy/],
    ['a size without a unit', mine.replace('1.5GiB', '15'), /memory must be a size/],
    ['no command', mine.replace('command: [python, ./train.py, --fast]', 'command: []'), /command/],
    ['a default that it refuses', mine.replace('default: 3', 'default: 30'), /default of depth must be/],
    ['a variable of the contract', mine.replace('OMP_NUM_THREADS', 'MLFLOW_TRACKING_URI'), /set by the trainer/],
    ['a pattern that is none', mine.replace("'[a-z]+'", "'[a-z'"), /Invalid regular expression/],
    ['an id like a path', mine.replace('id: mine', 'id: ../mine'), /id must be/],
    ['the id of a built-in recipe', mine.replace('id: mine', 'id: random-forest'), /already/],
    ['two kinds of model', `${mine}attaches_model: true`, /exclude/],
    ['broken YAML', 'id: [', /recipe\.yaml/],
  ])('are refused at start with %s', async (_, text, words) => {
    await declare('some', text);
    expect(fault()).toMatch(words);
  });

  it('are all named at once, and a folder that is not there, too', async () => {
    await declare('one', 'id: 1');
    await declare('two', 'id: 2');
    expect(fault()).toMatch(/one\/recipe\.yaml.*two\/recipe\.yaml/);
    expect(() => new RecipeFolders(join(base, 'none'), limits)).toThrow(/TRAINER_RECIPES_DIR cannot be read/);
  });
});

describe('the recipes that come along', () => {
  it('can be read', () => {
    const ids = new RecipeFolders('recipes', limits).recipes().flatMap(({ id, external }) => (external ? [id] : []));
    expect(ids.sort()).toEqual(['convert-sklearn', 'python-script', 'python-sklearn']);
  });
});
