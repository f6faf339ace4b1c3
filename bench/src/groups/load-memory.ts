import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench } from '../bench.js';
import type { Figure } from '../figure.js';
import { largeModel } from '../fill/large-model.js';
import { forestModel } from '../fill/onnx-models.js';
import { addVersion, createModel, filesAround, promote } from '../fill/registered-version.js';
import { residentMb } from '../servers/memory-watch.js';
import { Platform } from '../servers/platform.js';
import { summarise } from '../statistics.js';

const MB = 1024 * 1024;
const PATIENT = { timeoutMs: 300_000 };
/** For threads that were started with the process to come to rest. */
const QUIET_MS = 1_500;

/** What the predictor reserves for a load; `neededBytes` in its `core/memory-budget.ts`. */
const COPIES = { weights: 4, trees: 19 };
const HEADROOM_MB = 60;

interface Kind {
  name: `${keyof typeof COPIES}, ${string}`;
  make: (seed: number) => Uint8Array<ArrayBuffer>;
}

/** Weights that onnxruntime takes as they lie in the file, and trees, of which it makes structures of its own. */
const kinds: Kind[] = [
  { name: 'weights, 8 MB', make: (seed) => largeModel(8 + seed * 0.1) },
  { name: 'weights, 64 MB', make: (seed) => largeModel(64 + seed * 0.1) },
  { name: 'weights, 250 MB', make: (seed) => largeModel(250 + seed * 0.1) },
  { name: 'trees, 0.5 MB', make: (seed) => forestModel({ trees: 64, depth: 7, columns: 16, seed }) },
  { name: 'trees, 8 MB', make: (seed) => forestModel({ trees: 128, depth: 10, columns: 16, seed }) },
  { name: 'trees, 32 MB', make: (seed) => forestModel({ trees: 128, depth: 12, columns: 16, seed }) },
];

/** How much memory a load takes at its peak, beside the version that serves, held against what is reserved for it. */
export const measureLoadMemory = async (bench: Bench): Promise<Figure[]> => {
  const platform = await Platform.start(bench, { bus: 'postgres', store: 'folder' });
  const figures: Figure[] = [];
  for (const [at, kind] of bench.only(kinds).entries())
    figures.push(...(await bench.attempt(kind.name, () => measureKind(platform, kind, `load-${String(at)}`))));
  return figures;
};

const measureKind = async (platform: Platform, { name, make }: Kind, model: string): Promise<Figure> => {
  const { registry } = platform;
  const files = [make(1), make(2)];
  const fileMb = files[0].length / MB;
  await createModel(registry, model);
  const versions: string[] = [];
  for (const file of files) versions.push(await addVersion(registry, model, filesAround(file)));
  const predictor = await platform.startPredictor({ PREDICTOR_MODELS: model });
  try {
    const loads: { peakMb: number; keptMb: number; ms: number }[] = [];
    // The first into an empty process, the second beside the first, as every swap is, the others over and over.
    for (const [nth, version] of [...versions, ...versions].entries()) {
      await sleep(QUIET_MS);
      const beforeMb = residentMb(predictor.pid);
      forgetPeak(predictor.pid);
      const began = performance.now();
      await promote(registry, model, version);
      await predictor.serves(model, nth + 1, PATIENT);
      const ms = performance.now() - began;
      await sleep(QUIET_MS);
      loads.push({ peakMb: peakMb(predictor.pid) - beforeMb, keptMb: residentMb(predictor.pid) - beforeMb, ms });
    }
    const most = Math.max(...loads.map((load) => load.peakMb));
    const copies = name.startsWith('trees') ? COPIES.trees : COPIES.weights;
    const reservedMb = HEADROOM_MB + copies * fileMb;
    return {
      group: 'load-memory',
      name,
      ours: summarise([
        { latenciesMs: loads.map(({ ms }) => ms), seconds: loads.reduce((sum, { ms }) => sum + ms, 0) / 1000 },
      ]),
      ratio: reservedMb / most,
      target: `the peak stays below what is reserved, ${String(copies)} × file + ${String(HEADROOM_MB)} MB`,
      met: most <= reservedMb,
      notes: [
        `a file of ${fileMb.toFixed(1)} MB, ${reservedMb.toFixed(0)} MB reserved; times are those from the promotion to serving`,
        `at the peak of each load ${list(loads.map((load) => load.peakMb))} MB more than before (${list(
          loads.map((load) => load.peakMb / fileMb),
          1,
        )} × file)`,
        `kept after it ${list(loads.map((load) => load.keptMb))} MB`,
      ].join('; '),
    };
  } finally {
    await predictor.stop();
  }
};

const list = (values: readonly number[], digits = 0): string => values.map((value) => value.toFixed(digits)).join(', ');

/** From now on the peak is that of what comes (Linux). */
const forgetPeak = (pid: number): void => {
  writeFileSync(`/proc/${String(pid)}/clear_refs`, '5');
};

const peakMb = (pid: number): number => {
  const kilobytes = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${String(pid)}/status`, 'utf8'))?.[1];
  if (kilobytes === undefined) throw new Error(`Process ${String(pid)} has ended.`);
  return Math.round(Number(kilobytes) / 1024);
};
