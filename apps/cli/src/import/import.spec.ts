import { expect, it } from 'vitest';
import { filesOf, proxiedPath, type ArtifactTree } from './artifact-trees.js';
import { differencesOf } from './differences.js';
import { experimentFacts, modelFacts } from './facts.js';
import { placeOf } from './import-models.js';
import { forEachAtMost } from './pool.js';

it.each([
  ['mlflow-artifacts:/1/r/artifacts', '1/r/artifacts'],
  ['mlflow-artifacts:/1/r/artifacts/', '1/r/artifacts'],
  ['mlflow-artifacts://host:5000/1/r/artifacts', '1/r/artifacts'],
  ['mlflow-artifacts:///1/r', '1/r'],
  ['s3://bucket/1/r/artifacts', undefined],
  ['/mlruns/1/r/artifacts', undefined],
  ['', undefined],
])('%s lies behind the proxy at %s', (uri, path) => {
  expect(proxiedPath(uri)).toBe(path);
});

it('files of a version lie where the run or logged model they lie in was put', () => {
  const places = new Map([
    ['s3://b/1/r/artifacts', 'mlflow-artifacts:/7/r/artifacts'],
    ['s3://b/1/models/m-1/artifacts', 'mlflow-artifacts:/7/models/m-1/artifacts'],
  ]);
  expect(placeOf('s3://b/1/r/artifacts/a/model/', places)).toBe('mlflow-artifacts:/7/r/artifacts/a/model');
  expect(placeOf('s3://b/1/models/m-1/artifacts', places)).toBe('mlflow-artifacts:/7/models/m-1/artifacts');
  expect(placeOf('s3://b/1/r/artifacts2/model', places)).toBeUndefined();
  expect(placeOf('', places)).toBeUndefined();
});

it('differences are told field by field, and a thing that is missing once', () => {
  expect(differencesOf('run a', { status: 'FINISHED', end: 2 }, { status: 'FINISHED', name: 'x' })).toEqual([
    { what: 'run a', field: 'end', there: 2, here: undefined },
    { what: 'run a', field: 'name', there: undefined, here: 'x' },
  ]);
  expect(differencesOf('run a', { status: 'FINISHED' }, undefined)).toEqual([
    { what: 'run a', field: '', there: 'is there', here: undefined },
  ]);
  expect(differencesOf('run a', { tags: ['a'] }, { tags: ['a'] })).toEqual([]);
});

it('what we add by design is no difference, what a person set is', () => {
  const tags = [{ key: 'owner', value: 'me' }];
  const there = modelFacts({ name: 'm', tags });
  expect(differencesOf('m', there, modelFacts({ name: 'm', tags: [...tags, { key: 'baton.x' }] }))).toEqual([]);
  expect(differencesOf('m', there, modelFacts({ name: 'm' }))).toMatchObject([{ field: 'tag owner' }]);
  // The default experiment is everybody's, and older here or there.
  const [one, other] = [1, 2].map((creation_time) =>
    experimentFacts({ experiment_id: '0', name: 'Default', creation_time }),
  );
  expect(one).toEqual(other);
});

it('lists folders within folders, and no file twice where a server lists a file as itself', async () => {
  const folders: Record<string, { path: string; is_dir?: boolean; file_size?: string }[]> = {
    '': [
      { path: 'a', is_dir: true },
      { path: 'b.txt', file_size: '3' },
    ],
    a: [{ path: 'a' }, { path: 'a/c', is_dir: true }],
    'a/c': [{ path: 'a/c/empty' }],
  };
  const tree: ArtifactTree = {
    list: (folder) => Promise.resolve(folders[folder]),
    open: () => Promise.reject(new Error('not asked for')),
  };
  expect(await filesOf(tree)).toEqual([
    { path: 'a/c/empty', sizeBytes: 0 },
    { path: 'b.txt', sizeBytes: 3 },
  ]);
});

it('no more than so many are worked on at a time, and the first error ends it', async () => {
  let now = 0;
  let most = 0;
  const done: number[] = [];
  await forEachAtMost(3, [1, 2, 3, 4, 5, 6, 7], async (item) => {
    most = Math.max(most, (now += 1));
    await new Promise((resolve) => setImmediate(resolve));
    now -= 1;
    done.push(item);
  });
  expect(most).toBe(3);
  expect(done.sort()).toEqual([1, 2, 3, 4, 5, 6, 7]);
  const begun: number[] = [];
  const failing = forEachAtMost(2, [1, 2, 3, 4, 5, 6], (item) => {
    begun.push(item);
    return Promise.reject(new Error(String(item)));
  });
  await expect(failing).rejects.toThrow('1');
  expect(begun).toEqual([1, 2]);
});
