import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '#testing';
import { factsOf } from './sandbox/processes.js';
import { WorkFolders } from './work-folders.js';

describe('work folders', () => {
  let base: string;
  beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), 'baton-folders-'));
  });
  afterEach(() => rm(base, { recursive: true, force: true }));
  const folders = () => new WorkFolders(base);
  const disown = async (path: string, over: object) => {
    const owner = JSON.parse(await readFile(join(path, 'owner.json'), 'utf8')) as object;
    await writeFile(join(path, 'owner.json'), JSON.stringify({ ...owner, ...over }));
  };

  it('are removed even when a recipe closed them', async () => {
    const folder = await folders().make('job');
    await mkdir(join(folder.path, 'output', 'closed', 'deep'), { recursive: true });
    await writeFile(join(folder.path, 'output', 'closed', 'deep', 'file'), '');
    await chmod(join(folder.path, 'output', 'closed', 'deep'), 0);
    await chmod(join(folder.path, 'output', 'closed'), 0);
    await folder.remove();
    expect(await readdir(base)).toEqual([]);
  });

  it('are removed even when they are deeper than a path may be long', async () => {
    const folder = await folders().make('job');
    const dig = `for (let i = 0; i < 40; i++) { require('node:fs').mkdirSync('d'.repeat(200)); process.chdir('d'.repeat(200)) } require('node:fs').writeFileSync('x', '')`;
    const digger = spawn(process.execPath, ['-e', dig], { cwd: folder.path, stdio: 'inherit' });
    expect(await once(digger, 'exit')).toEqual([0, null]);
    await folder.remove();
    expect(await readdir(base)).toEqual([]);
  });

  it('of a trainer that is gone are swept, with what still runs in them; those of a living one stay', async () => {
    const [left, mine, strange] = [await folders().make('left'), await folders().make('mine'), join(base, 'baton-x')];
    await mkdir(strange);
    const orphan = spawn('sleep', ['60'], { env: { TRAINER_MARK: left.mark }, detached: true, stdio: 'ignore' });
    await once(orphan, 'spawn');
    const stranger = spawn('sleep', ['60'], { env: { TRAINER_MARK: mine.mark }, detached: true, stdio: 'ignore' });
    await once(stranger, 'spawn');
    await disown(left.path, { born: 1 });
    expect(await folders().sweep()).toBe(1);
    await eventually(() => {
      expect(factsOf(orphan.pid ?? 0)).toBeUndefined();
    });
    expect(factsOf(stranger.pid ?? 0)).toBeDefined();
    stranger.kill('SIGKILL');
    expect((await readdir(base)).sort()).toEqual(
      [mine.path, strange].map((path) => path.slice(base.length + 1)).sort(),
    );
    await mine.remove();
  });

  it('of another machine are left alone until it has been silent for hours', async () => {
    const folder = await folders().make('far');
    await disown(folder.path, { host: 'elsewhere', born: 1 });
    expect(await folders().sweep()).toBe(0);
    const longAgo = new Date(Date.now() - 86_400_000);
    await utimes(join(folder.path, 'owner.json'), longAgo, longAgo);
    expect(await folders().sweep()).toBe(1);
    expect(await readdir(base)).toEqual([]);
  });

  it('are swept where there is nothing yet', async () => {
    expect(await new WorkFolders(join(base, 'none')).sweep()).toBe(0);
  });
});
