import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { PredictorRig } from '../predictor-rig.behaviour.js';
import { makeFolder } from './make-folder.js';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'baton-folder-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

it('makes what is missing, and is content with what is there', async () => {
  const deep = join(root, 'a', 'b', 'c');
  await Promise.all([makeFolder(deep), makeFolder(deep), makeFolder(join(root, 'a', 'd'))]);
  await makeFolder(deep);
  expect((await stat(deep)).isDirectory()).toBe(true);
});

it('says what is in the way', async () => {
  await writeFile(join(root, 'file'), '');
  await expect(makeFolder(join(root, 'file'))).rejects.toMatchObject({ code: 'EEXIST' });
  await expect(makeFolder(join(root, 'file', 'a', 'b'))).rejects.toMatchObject({ code: 'ENOTDIR' });
});

/** Where there is none, such as on a Mac, a folder can't be made either. */
const impossible = '/proc/nope/a';

it('gives up where no folder can be made', async () => {
  await expect(makeFolder(impossible)).rejects.toMatchObject({ code: expect.stringMatching(/^E/) as string });
});

it('a predictor serves without its folder, and says so', async () => {
  const rig = await PredictorRig.make();
  const said: string[] = [];
  const log = (_level: string, message: string) => void said.push(message);
  rig.logger = Object.assign(rig.logger, { log, warn: (message: string) => void said.push(message) });
  try {
    await rig.start({ PREDICTOR_CACHE_DIR: impossible });
    await rig.promote(1);
    await rig.servesVersion(1);
    expect(said).toContain('No copy of a model could be kept; a restart needs the store.');
  } finally {
    await rig.end();
  }
});
