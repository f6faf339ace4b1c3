import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { Bench } from './bench.js';
import { benchEnvironment } from './environment.js';
import type { Figure, Group } from './figure.js';
import { measureArtifacts } from './groups/artifacts.js';
import { measureHistory } from './groups/history.js';
import { measureExported } from './groups/exported.js';
import { measureDelivery } from './groups/delivery.js';
import { measureLoadMemory } from './groups/load-memory.js';
import { measureMany } from './groups/many.js';
import { measureMemory } from './groups/memory.js';
import { measurePromotion } from './groups/promotion.js';
import { measureSearch } from './groups/search.js';
import { measureServing } from './groups/serving.js';
import { measureSpawn } from './groups/spawn.js';
import { measureSwap } from './groups/swap.js';
import { measureTracking } from './groups/tracking.js';
import { measureTraining } from './groups/training.js';
import { measureTrainingMemory } from './groups/training-memory.js';
import { measureTrainingQuality } from './groups/training-quality.js';
import { describeMachine, loadAverage } from './machine.js';
import { help, readOptions, type Options } from './options.js';
import { merged, page, table, type Report } from './report.js';
import { findPython, mlflowVersion } from './servers/python.js';
import { findServices } from './services.js';

const measure: Record<Group, (bench: Bench) => Promise<Figure[]>> = {
  tracking: measureTracking,
  search: measureSearch,
  history: measureHistory,
  artifacts: measureArtifacts,
  promotion: measurePromotion,
  serving: measureServing,
  swap: measureSwap,
  delivery: measureDelivery,
  memory: measureMemory,
  many: measureMany,
  'load-memory': measureLoadMemory,
  training: measureTraining,
  'training-quality': measureTrainingQuality,
  exported: measureExported,
  'training-memory': measureTrainingMemory,
  spawn: measureSpawn,
};

/** Held against MLflow's server; the others against the store, or a time. */
const comparedGroups = new Set<Group>(['tracking', 'search', 'history']);

const onS3 = new Set<Group>(['artifacts', 'delivery']);
const onKafka = new Set<Group>(['promotion', 'swap', 'delivery', 'memory', 'spawn']);

const run = async (options: Options): Promise<Report> => {
  const { groups } = options;
  const environment = benchEnvironment();
  const comparing = !options.alone && groups.some((group) => comparedGroups.has(group));
  const python = comparing ? await findPython(options.python ?? environment.python) : undefined;
  const services = await findServices([
    'postgres',
    ...(groups.some((group) => onS3.has(group)) ? (['s3'] as const) : []),
    ...(groups.some((group) => onKafka.has(group)) ? (['kafka'] as const) : []),
  ]);
  const bench = new Bench({ ...options, services, environment, python });
  const stop = async (): Promise<void> => {
    await bench.close();
    await services.stop();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void stop().then(() => process.exit(130)));
  try {
    const report: Report = {
      machine: await describeMachine(services.postgres, python === undefined ? undefined : await mlflowVersion(python)),
      loads: {},
      figures: [],
    };
    for (const group of groups) {
      report.loads[group] = loadAverage();
      process.stderr.write(`${group}: load average ${String(report.loads[group])} …\n`);
      const figures = await measure[group](bench)
        .catch((error: unknown) => {
          bench.note(group, error);
          return [];
        })
        .finally(() => bench.endGroup());
      report.figures.push(...figures);
      process.stdout.write(`\n${group}\n${table(figures)}\n`);
      for (const { name, notes } of figures) if (notes !== undefined) process.stdout.write(`${name}: ${notes}.\n`);
    }
    for (const fault of bench.faults) process.stderr.write(`${fault}\n`);
    if (bench.faults.length > 0) process.exitCode = 1;
    return report;
  } finally {
    await stop();
  }
};

const readReport = (folder: string): Report | undefined => {
  const file = join(folder, 'performance.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Report) : undefined;
};

const write = async (folder: string, report: Report): Promise<void> => {
  mkdirSync(folder, { recursive: true });
  const style = await resolveConfig('package.json');
  for (const [file, text, parser] of [
    ['performance.json', JSON.stringify(report), 'json'],
    ['performance.md', page(report), 'markdown'],
  ] as const) {
    const path = join(folder, file);
    writeFileSync(path, await format(text, { ...style, parser }));
    process.stdout.write(`${path}\n`);
  }
};

try {
  const options = readOptions(process.argv.slice(2));
  if (options === undefined) process.stdout.write(help);
  else {
    const folder = options.out === undefined ? undefined : resolve(options.out);
    const kept = folder === undefined ? undefined : readReport(folder);
    const report = options.page
      ? kept
      : await run(options).then((fresh) => (kept ? merged(kept, fresh, options.figure !== undefined) : fresh));
    if (report === undefined) throw new Error('There is no performance.json there to make a page of.');
    if (folder !== undefined) await write(folder, report);
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
}
// All that was started has ended; a library that left a timer behind must not keep a bench from ending too.
process.exit();
