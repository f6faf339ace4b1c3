import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { pythonWith } from '#testing/python';
import type { Bench } from '../bench.js';
import { pinned } from '../servers/pinned.js';
import { readSets, type Answer, type DataSet, type Job } from './job.js';

const PEER = 'bench/peers/training';
const run = promisify(execFile);

/** Both sides of the training figures: a process for each job, on the cores of servers, with as many threads as the job says. */
export class Learners {
  private constructor(
    private readonly bench: Bench,
    private readonly python: string,
    readonly folder: string,
    readonly sets: Record<string, DataSet>,
    /** What the other side is made of, for the notes. */
    readonly versions: string,
  ) {}

  /** Brings scikit-learn up to the newest there is, and makes the data sets. @throws Error when there is no Python. */
  static async start(bench: Bench): Promise<Learners> {
    const found = await pythonWith(`${PEER}/requirements.txt`);
    if (found.python === undefined) throw new Error(`scikit-learn can't be installed. ${found.missing}`);
    const { python } = found;
    const env = bench.options.environment.surroundings;
    const upgrade = ['-m', 'pip', 'install', '--quiet', '--no-input', '--upgrade', '-r', `${PEER}/requirements.txt`];
    await run(python, upgrade, { env });
    const folder = await bench.folder();
    await run(python, [resolve(PEER, 'data.py'), folder], { env });
    const versions = await run(python, ['-c', VERSIONS], { env });
    return new Learners(bench, python, folder, readSets(folder), versions.stdout.trim());
  }

  ours(job: Job): Promise<Answer> {
    return this.ask(process.execPath, [fileURLToPath(new URL('./main.js', import.meta.url))], job);
  }

  theirs(job: Job): Promise<Answer> {
    return this.ask(this.python, [resolve(PEER, 'learn.py')], job);
  }

  private async ask(command: string, program: string[], job: Job): Promise<Answer> {
    const threads = String(job.do === 'fit' ? job.threads : 1);
    const { environment, cores } = this.bench.options;
    const [file, args] = pinned(cores.servers, command, [...program, this.folder, JSON.stringify(job)]);
    const { stdout } = await run(file, args, {
      env: {
        ...environment.surroundings,
        PYTHONWARNINGS: 'ignore',
        OMP_NUM_THREADS: threads,
        OPENBLAS_NUM_THREADS: threads,
      },
      maxBuffer: 1e8,
    });
    return JSON.parse(stdout) as Answer;
  }

  pathOf(name: string): string {
    return join(this.folder, name);
  }
}

const VERSIONS = `
import numpy, onnxruntime, sklearn
print(f"scikit-learn {sklearn.__version__}, numpy {numpy.__version__}, onnxruntime {onnxruntime.__version__}")`;
