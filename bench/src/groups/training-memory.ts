import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench } from '../bench.js';
import type { Figure } from '../figure.js';
import { summarise } from '../statistics.js';

const ROWS = 1_000_000;
const COLUMNS = 20;
const MOST_MB = 1_000;
const WATCH_MS = 50;

const recipes = [
  { name: 'logistic regression', recipe: 'logistic-regression', parameters: {} },
  { name: 'gradient boosting, 10 rounds', recipe: 'gradient-boosting', parameters: { max_iter: 10 } },
  {
    name: 'random forest, 10 trees of depth 8',
    recipe: 'random-forest',
    parameters: { n_estimators: 10, max_depth: 8 },
  },
];

/** The most memory that a recipe's process takes from a CSV file of a million rows to the model, its threads and onnxruntime included. */
export const measureTrainingMemory = async (bench: Bench): Promise<Figure[]> => {
  const folder = await mkdtemp(join(tmpdir(), 'baton-bench-training-'));
  try {
    const csv = join(folder, 'rows.csv');
    await writeRows(csv);
    const figures: Figure[] = [];
    for (const recipe of bench.only(recipes))
      figures.push(
        ...(await bench.attempt(recipe.name, () => measureRecipe(recipe, csv, join(folder, recipe.recipe)))),
      );
    return figures;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

const measureRecipe = async (
  { name, recipe, parameters }: (typeof recipes)[number],
  csv: string,
  folder: string,
): Promise<Figure> => {
  await mkdir(join(folder, 'input'), { recursive: true });
  await mkdir(join(folder, 'output', 'model'), { recursive: true });
  const { size } = await stat(csv);
  const about = { path: csv, format: 'csv', testShare: 0.25, maxRows: ROWS, maxBytes: size };
  await writeFile(join(folder, 'input', 'params.json'), JSON.stringify({ recipe, parameters }));
  await writeFile(join(folder, 'input', 'data.json'), JSON.stringify(about));
  const began = performance.now();
  const main = createRequire(import.meta.url).resolve('#trainer/recipe-process');
  const child = spawn(process.execPath, [main], { cwd: folder, env: {}, stdio: ['pipe', 'ignore', 'inherit'] });
  const exit = once(child, 'exit') as Promise<[number | null]>;
  let peakMb = 0;
  while (child.exitCode === null && child.signalCode === null) {
    peakMb = Math.max(peakMb, peakMbOf(child.pid));
    await Promise.race([exit, sleep(WATCH_MS)]);
  }
  const [code] = await exit;
  if (code !== 0) throw new Error(`The recipe ended with ${String(code)}.`);
  const ms = performance.now() - began;
  const { metrics } = JSON.parse(readFileSync(join(folder, 'output', 'result.json'), 'utf8')) as {
    metrics: { accuracy: number };
  };
  return {
    group: 'training-memory',
    name,
    ours: summarise([{ latenciesMs: [ms], seconds: ms / 1000 }]),
    target: `${ROWS.toLocaleString('en')} × ${String(COLUMNS)} CSV within ${String(MOST_MB)} MB`,
    met: peakMb <= MOST_MB,
    notes: `${peakMb.toFixed(0)} MB at its peak, of a file of ${(size / 1e6).toFixed(0)} MB; accuracy ${metrics.accuracy.toFixed(3)}`,
  };
};

/** The kernel keeps the highest; 0 when the process has just gone. */
const peakMbOf = (pid: number | undefined): number => {
  try {
    const status = readFileSync(`/proc/${String(pid)}/status`, 'utf8');
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1000;
  } catch {
    return 0;
  }
};

/** Numbers of seven digits, the class told by some of them; the same in every run. */
const writeRows = async (path: string): Promise<void> => {
  const file = createWriteStream(path);
  file.write(`${Array.from({ length: COLUMNS }, (_, at) => `x${String(at)}`).join(',')},y\n`);
  let state = 1;
  const next = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32 - 0.5;
  };
  for (let row = 0; row < ROWS; row += 1_000) {
    const lines = Array.from({ length: 1_000 }, () => {
      const cells = Array.from({ length: COLUMNS }, next);
      return [...cells.map((value) => value.toFixed(6)), Number(cells[0] + cells[1] * cells[2] > 0)].join(',');
    });
    if (!file.write(`${lines.join('\n')}\n`)) await once(file, 'drain');
  }
  file.end();
  await once(file, 'finish');
};
