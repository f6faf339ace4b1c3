import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { environmentWith } from '#testing/native';
import { hasPython } from '#testing/python';

const makesEnvironments = await hasPython();
const program = resolve('dist/apps/trainer/src/prepare-environments.js');

describe('preparing the environments of recipes', () => {
  let base: string;
  beforeAll(async () => {
    base = await mkdtemp(join(tmpdir(), 'baton-prepare-'));
  });
  afterAll(() => rm(base, { recursive: true, force: true }));

  const recipe = async (folder: string, yaml: string) => {
    await mkdir(join(base, folder), { recursive: true });
    await writeFile(join(base, folder, 'recipe.yaml'), yaml);
    await writeFile(join(base, folder, 'nothing.txt'), '# nothing\n');
  };
  const prepare = async (settings: Record<string, string>) => {
    const child = spawn(process.execPath, [program], { env: environmentWith(settings) });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const [code] = (await once(child, 'close')) as [number];
    return { code, said };
  };

  it('says when there is nothing to do', async () => {
    const { code, said } = await prepare({});
    expect(said).toMatch(/TRAINER_RECIPES_DIR/);
    expect(code).toBe(0);
  });

  it('tells what pip or Python lacks, and fails', async () => {
    await recipe('one/first', 'id: first\ntitle: One\ncommand: [python, -V]\nrequirements: nothing.txt\n');
    const { code, said } = await prepare({ TRAINER_RECIPES_DIR: join(base, 'one'), TRAINER_PYTHON: '/no/python' });
    expect(said).toMatch(/TRAINER_PYTHON/);
    expect(code).toBe(1);
  });

  it.skipIf(!makesEnvironments)(
    'makes one for all recipes of the same requirements',
    { timeout: 300_000 },
    async () => {
      await recipe('two/first', 'id: first\ntitle: One\ncommand: [python, -V]\nrequirements: nothing.txt\n');
      await recipe('two/second', 'id: second\ntitle: Two\ncommand: [python, -V]\nrequirements: ../first/nothing.txt\n');
      const kept = join(base, 'kept');
      const { code, said } = await prepare({ TRAINER_RECIPES_DIR: join(base, 'two'), TRAINER_ENVIRONMENTS_DIR: kept });
      expect(said).toMatch(/nothing\.txt: .*\/kept\/python-\w+\/bin\/python\n$/);
      expect(code).toBe(0);
      expect(await readdir(kept)).toHaveLength(1);
    },
  );
});
