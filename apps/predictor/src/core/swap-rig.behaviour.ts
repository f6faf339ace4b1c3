import { createHash } from 'node:crypto';
import { blobKey } from '#artifacts';
import { InMemoryArtifactStore } from '#artifacts/memory';
import type { ModelDeployed, ModelPromoted } from '#contracts';
import { PlatformError, SilentLogger, SystemClock } from '#runtime';
import { CrashMarks } from './crash-marks.js';
import { Deployments } from './deployments.js';
import { DownloadModel } from './download-model.js';
import { FetchModel } from './fetch-model.js';
import { LastGoodCopies } from './last-good-copies.js';
import { NoMeasurements } from './measurements.js';
import { Memory } from './memory.js';
import { MemoryBudget } from './memory-budget.js';
import { ModelFiles } from './model-files.js';
import { ModelHost, type HostedModel } from './model-host.js';
import { PrepareVersion } from './prepare-version.js';
import { ProveVersion } from './prove-version.js';
import { SwapModel } from './swap-model.js';

/** A model whose loads end, and whose worker dies, when the test says so. */
export class ScriptedHost extends ModelHost {
  readonly loads: string[] = [];
  readonly open = new Set<string>();
  /** Loads of these wait until they are let go. */
  readonly held = new Map<string, () => void>();
  readonly broken = new Set<string>();
  private readonly killers = new Map<string, (error: Error) => void>();

  async load(bytes: Uint8Array, _: unknown, opening: () => Promise<void>): Promise<HostedModel> {
    const name = new TextDecoder().decode(bytes);
    this.loads.push(name);
    if (this.held.has(name)) await new Promise<void>((go) => this.held.set(name, go));
    await opening();
    if (this.broken.has(name)) throw new PlatformError('MODEL_FILE_INVALID', `${name} is broken.`);
    this.open.add(name);
    const { inputs, outputs } = signature;
    return {
      inputs,
      outputs,
      isRowWise: true,
      lost: new Promise((die) => this.killers.set(name, die)),
      lanes: [
        {
          run: ([{ shape }]) =>
            Promise.resolve({
              outputs: [{ name: 'y', datatype: 'BYTES', shape: [shape[0]], data: [name] }],
              tookMs: 0,
            }),
        },
      ],
      onLanes: () => undefined,
      settle: () => undefined,
      widen: () => undefined,
      close: () => Promise.resolve(void this.open.delete(name)),
    };
  }
  hold(name: string): void {
    this.held.set(name, () => undefined);
  }
  release(name: string): void {
    this.held.get(name)?.();
    this.held.delete(name);
  }
  kill(name: string): void {
    this.killers.get(name)?.(new PlatformError('WORKER_LOST'));
  }
  close = () => Promise.resolve();
  abandon = () => undefined;
}

export class NoCopies extends LastGoodCopies {
  remembered: string[] = [];
  all = () => Promise.resolve([]);
  remember = ({ version }: ModelPromoted) => Promise.resolve(void this.remembered.push(`v${String(version)}`));
  forget = () => Promise.resolve(void this.remembered.push('forgotten'));
}

class NoFiles extends ModelFiles {
  read = () => Promise.resolve(undefined);
  want = () => undefined;
  resume = () => Promise.reject(new Error('No disk.'));
}

class NoMarks extends CrashMarks {
  of = () => Promise.resolve(undefined);
  begin = () => Promise.resolve();
  end = () => Promise.resolve();
}

class EnoughMemory extends Memory {
  availableBytes = () => Promise.resolve(undefined);
}

export class Said extends Deployments {
  readonly states: ModelDeployed[] = [];
  changed = (state: ModelDeployed) => void this.states.push(state);
  leave = () => Promise.resolve();
}

export const signature: ModelPromoted['signature'] = {
  inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 2] }],
  outputs: [{ name: 'y', datatype: 'BYTES', shape: [-1] }],
};

/** One model of one replica, everything around it scripted by the test. */
export class SwapRig {
  readonly host = new ScriptedHost();
  readonly store = new InMemoryArtifactStore();
  readonly copies = new NoCopies();
  readonly said = new Said();
  readonly model: SwapModel;
  generation = 0;

  constructor() {
    const [clock, logger] = [new SystemClock(), new SilentLogger()];
    const files = new NoFiles();
    const source = new DownloadModel(this.store, files, logger);
    const fetch = new FetchModel(source, files, logger, { predictorId: 'p1', downloads: 2 });
    const measurements = new NoMeasurements();
    const limits = { byDefault: { maxBatch: 8, maxQueue: 8, timeoutMs: 10_000 }, byModel: {} };
    const prove = new ProveVersion(this.host, new NoMarks(), this.copies, limits, clock, logger);
    const prepare = new PrepareVersion(new MemoryBudget(new EnoughMemory()), fetch, prove, measurements, clock);
    const { copies, said: deployments } = this;
    const parts = { prepare, copies, deployments, measurements, clock, logger };
    this.model = new SwapModel('iris', parts, { predictorId: 'p1', backoffMs: 10 });
  }

  /** A promotion of the next generation, its bytes in the store. */
  async promotionOf(version: number): Promise<ModelPromoted> {
    const bytes = new TextEncoder().encode(`v${String(version)}`);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    await this.store.put(blobKey(sha256), bytes);
    this.generation += 1;
    const at = '2026-01-01T00:00:00.000Z';
    return {
      model: 'iris',
      version,
      generation: this.generation,
      runId: null,
      stage: 'Production',
      modelUri: `models:/iris/${String(version)}`,
      artifact: { key: blobKey(sha256), sha256, sizeBytes: bytes.length },
      signature,
      previousVersion: null,
      cause: 'request',
      promotedBy: 'test',
      reason: 'because',
      promotedAt: at,
      firstPromotedAt: at,
    };
  }

  async promote(version: number): Promise<ModelPromoted> {
    const promoted = await this.promotionOf(version);
    this.model.want({ generation: promoted.generation, promoted }, true);
    this.model.drive();
    return promoted;
  }

  retire(): void {
    this.generation += 1;
    this.model.want({ generation: this.generation, promoted: null }, true);
    this.model.drive();
  }

  close(): Promise<void> {
    for (const name of this.host.held.keys()) this.host.release(name);
    return this.model.close();
  }
}
