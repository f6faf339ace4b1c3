import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { hasPython } from '#testing/python';
import { PythonEnvironments } from './python-environments.js';
import { pipEnvironment } from './recipe-environment.js';

const makesEnvironments = await hasPython();
const never = new AbortController().signal;

describe('Python environments', () => {
  let base: string;
  beforeAll(async () => {
    base = await mkdtemp(join(tmpdir(), 'baton-python-'));
    await writeFile(join(base, 'nothing.txt'), '# nothing\n');
    await writeFile(join(base, 'wrong.txt'), './no-such-package-here\n');
  });
  afterAll(() => rm(base, { recursive: true, force: true }));
  const environments = (python = 'python3') => new PythonEnvironments({ python, directory: join(base, 'kept') });

  it.skipIf(!makesEnvironments)(
    'are made once, whoever asks and however often, and whole or not at all',
    { timeout: 300_000 },
    async () => {
      let made = 0;
      const ask = (from: PythonEnvironments, file: string) =>
        from.interpreter(join(base, file), () => void (made += 1), never);
      const both = environments();
      const [one, two] = await Promise.all([ask(both, 'nothing.txt'), ask(both, 'nothing.txt')]);
      expect(two).toBe(one);
      expect(execFileSync(one, ['-c', 'import sys; print(sys.prefix != sys.base_prefix)'], { encoding: 'utf8' })).toBe('True\n'); // prettier-ignore
      expect(made).toBe(2);
      expect(await ask(environments(), 'nothing.txt')).toBe(one);
      expect(made).toBe(2);
      await expect(ask(environments(), 'wrong.txt')).rejects.toMatchObject({
        code: 'TRAINING_FAILED',
        detail: expect.stringMatching(/no-such-package-here/) as string,
      });
      expect(await readdir(join(base, 'kept'))).toHaveLength(1);
    },
  );

  it('say what is lacking', async () => {
    const asked = environments('/no/python').interpreter(join(base, 'nothing.txt'), () => undefined, never);
    await expect(asked).rejects.toMatchObject({
      code: 'TRAINING_FAILED',
      detail: expect.stringMatching(/TRAINER_PYTHON/) as string,
    });
  });
});

describe('what pip is given', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it('is where packages are and whom to trust, and nothing secret', () => {
    vi.stubEnv('PIP_CERT', undefined);
    vi.stubEnv('SSL_CERT_FILE', '/certs/company.crt');
    vi.stubEnv('PIP_INDEX_URL', 'https://packages.example/simple');
    vi.stubEnv('S3_SECRET_KEY', 'secret');
    const given = pipEnvironment();
    expect(given).toMatchObject({ PIP_CERT: '/certs/company.crt', PIP_INDEX_URL: 'https://packages.example/simple' });
    expect(given).not.toHaveProperty('S3_SECRET_KEY');
    vi.stubEnv('PIP_CERT', '/certs/pip.crt');
    expect(pipEnvironment()).toMatchObject({ PIP_CERT: '/certs/pip.crt' });
  });
});
