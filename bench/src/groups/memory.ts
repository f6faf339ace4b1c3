import type { Bench } from '../bench.js';
import type { Figure } from '../figure.js';
import { residentMb } from '../servers/memory-watch.js';
import { median, summarise } from '../statistics.js';
import { AlternatingVersions } from './alternating-versions.js';
import { SwapLoad } from './swap-load.js';

/** Requests per second meanwhile: sessions that were never used have less to give back. */
const PER_SECOND = 100;
const GROWTH = 1.1;
const PARTS = 10;

/** The memory of a predictor that swaps again and again, and answers meanwhile. */
export const measureMemory = async (bench: Bench): Promise<Figure[]> => {
  const versions = await AlternatingVersions.start(bench);
  const load = await SwapLoad.on(bench, versions);
  const samplesMb: number[] = [];
  const beforeMb = residentMb(versions.predictor.pid);
  const count = bench.options.swaps;
  const seen = await load.until([PER_SECOND, PER_SECOND / 4], async () => {
    for (let nth = 0; nth < count; nth++) {
      await versions.next();
      samplesMb.push(residentMb(versions.predictor.pid));
    }
  });
  const faults = load.faultsOf(seen);
  // The first tenth is when the allocator finds its size.
  const size = Math.max(1, Math.floor(count / PARTS));
  const parts = Array.from({ length: PARTS }, (_, part) => median(samplesMb.slice(part * size, (part + 1) * size)));
  const [, base, ...later] = parts;
  const ratio = Math.max(...later) / base;
  const swapsMs = versions.swapsMs.slice(1);
  return [
    {
      group: 'memory',
      name: `${count.toLocaleString('en')} swaps of 8 MB`,
      ours: summarise([{ latenciesMs: swapsMs, seconds: swapsMs.reduce((sum, ms) => sum + ms, 0) / 1000 }]),
      ratio,
      target: `memory after the first tenth grows by ≤ ${String(Math.round((GROWTH - 1) * 100))} %; nothing failed`,
      met: ratio <= GROWTH && faults.length === 0,
      notes: [
        ...faults,
        `times are those of a swap, from asking for the promotion to seeing it serve; memory (RSS) ${String(beforeMb)} MB with one version loaded, then by tenths of the swaps ${parts.join(', ')} MB; the ratio is that of the largest to the second`,
      ].join('; '),
    },
  ];
};
