import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { blobKey } from '#artifacts';
import { InMemoryArtifactStore } from '#artifacts/memory';
import type { ModelDeployed, ModelPromoted } from '#contracts';
import type { Tensor } from '#onnx';
import { PlatformError, SilentLogger, SystemClock } from '#runtime';
import { eventually } from '#testing';
import { Deployments } from './deployments.js';
import { LastGoodCopies } from './last-good-copies.js';
import { Measurements } from './measurements.js';
import { ModelHost, type LoadedModel } from './model-host.js';
import { PrepareVersion } from './prepare-version.js';
import { SwapModel } from './swap-model.js';

/** A model whose loads end, and whose worker dies, when the test says so. */
class ScriptedHost extends ModelHost {
  readonly loads: string[] = [];
  readonly open = new Set<string>();
  /** Loads of these wait until they are let go. */
  readonly held = new Map<string, () => void>();
  readonly broken = new Set<string>();
  private readonly killers = new Map<string, (error: Error) => void>();

  async load(bytes: Uint8Array): Promise<LoadedModel> {
    const name = new TextDecoder().decode(bytes);
    this.loads.push(name);
    if (this.held.has(name)) await new Promise<void>((go) => this.held.set(name, go));
    if (this.broken.has(name)) throw new PlatformError('MODEL_FILE_INVALID', `${name} is broken.`);
    this.open.add(name);
    const { inputs, outputs } = signature;
    return {
      inputs,
      outputs,
      lost: new Promise((die) => this.killers.set(name, die)),
      run: () => Promise.resolve([{ name: 'y', datatype: 'BYTES', shape: [1], data: [name] } satisfies Tensor]),
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
}

class NoCopies extends LastGoodCopies {
  remembered: string[] = [];
  all = () => Promise.resolve([]);
  bytes = () => Promise.resolve(undefined);
  keep = () => Promise.resolve();
  remember = ({ version }: ModelPromoted) => Promise.resolve(void this.remembered.push(`v${String(version)}`));
  forget = () => Promise.resolve(void this.remembered.push('forgotten'));
}

class Said extends Deployments {
  readonly states: ModelDeployed[] = [];
  changed = (state: ModelDeployed) => void this.states.push(state);
  leave = () => Promise.resolve();
}

class Unmeasured extends Measurements {
  generations = () => undefined;
  swapped = () => undefined;
  failed = () => undefined;
  answered = () => undefined;
}

const signature: ModelPromoted['signature'] = {
  inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 2] }],
  outputs: [{ name: 'y', datatype: 'BYTES', shape: [-1] }],
};

let host: ScriptedHost;
let store: InMemoryArtifactStore;
let copies: NoCopies;
let said: Said;
let model: SwapModel;
let generation: number;

beforeEach(() => {
  [host, store, copies, said, generation] = [
    new ScriptedHost(),
    new InMemoryArtifactStore(),
    new NoCopies(),
    new Said(),
    0,
  ];
  const [clock, logger] = [new SystemClock(), new SilentLogger()];
  const prepare = new PrepareVersion(store, copies, host, logger);
  const parts = { prepare, copies, deployments: said, measurements: new Unmeasured(), clock, logger };
  model = new SwapModel('iris', parts, { predictorId: 'p1', backoffMs: 10 });
});
afterEach(() => {
  for (const name of host.held.keys()) host.release(name);
  return model.close();
});

const promote = async (version: number): Promise<ModelPromoted> => {
  const bytes = new TextEncoder().encode(`v${String(version)}`);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  await store.put(blobKey(sha256), bytes);
  generation += 1;
  const at = '2026-01-01T00:00:00.000Z';
  const promoted: ModelPromoted = {
    model: 'iris',
    version,
    generation,
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
  model.want({ generation, promoted }, true);
  model.drive();
  return promoted;
};
const retire = (): void => {
  generation += 1;
  model.want({ generation, promoted: null }, true);
  model.drive();
};
const serves = (version: number | undefined, under = generation) =>
  eventually(() => {
    const active = model.slot.active;
    expect(active?.promoted.version).toBe(version);
    if (active !== undefined) expect(active.promoted.generation).toBe(under);
  });
const loading = (name: string) =>
  eventually(() => {
    expect(host.loads).toContain(name);
  });

describe('promotions', () => {
  it('one after the other: the newer serves, the older is closed', async () => {
    await promote(1);
    await serves(1);
    await promote(2);
    await serves(2);
    await eventually(() => {
      expect(host.open).toEqual(new Set(['v2']));
    });
    expect(copies.remembered).toEqual(['v1', 'v2']);
  });

  it('promote then at once another: the late load is thrown away and closed, it never serves', async () => {
    await promote(1);
    await serves(1);
    host.hold('v2');
    await promote(2);
    await loading('v2');
    await promote(3);
    expect(host.loads).toEqual(['v1', 'v2']);
    host.release('v2');
    await serves(3);
    await eventually(() => {
      expect(host.open).toEqual(new Set(['v3']));
    });
    expect(said.states.map(({ active }) => active?.version)).not.toContain(2);
  });

  it('an older version is a promotion like any other', async () => {
    await promote(7);
    await serves(7);
    await promote(3);
    await serves(3);
  });

  it('flap A-B-A while B loads: A stays and is not loaded again', async () => {
    await promote(1);
    await serves(1);
    host.hold('v2');
    await promote(2);
    await loading('v2');
    await promote(1);
    host.release('v2');
    await serves(1, 3);
    expect(host.loads).toEqual(['v1', 'v2']);
    await eventually(() => {
      expect(host.open).toEqual(new Set(['v1']));
    });
    expect(model.state()).toMatchObject({ state: 'serving', active: { version: 1, generation: 3 } });
  });

  it('what is not newer is dropped', async () => {
    const old = await promote(1);
    await promote(2);
    await serves(2);
    expect(model.want({ generation: old.generation, promoted: old }, true)).toBe(false);
    expect(model.want({ generation: 2, promoted: old }, true)).toBe(false);
    model.drive();
    await serves(2);
  });
});

describe('failures', () => {
  it('a load fails for ever: the old serves, the fleet knows why, and it is tried again and again', async () => {
    await promote(1);
    await serves(1);
    host.broken.add('v2');
    await promote(2);
    await eventually(() => {
      expect(host.loads.filter((name) => name === 'v2').length).toBeGreaterThan(2);
    });
    expect(model.slot.active?.promoted.version).toBe(1);
    expect(said.states.at(-1)).toMatchObject({
      state: 'failed',
      step: 'load',
      active: { version: 1, generation: 1 },
      target: { version: 2, generation: 2 },
      reason: expect.stringContaining('v2 is broken.') as string,
    });
    expect(copies.remembered).toEqual(['v1']);
    host.broken.clear();
    await serves(2);
    expect(said.states.at(-1)).toMatchObject({ state: 'serving', active: { version: 2 } });
  });

  it('a newer promotion cancels the retry of an older one', async () => {
    host.broken.add('v1');
    await promote(1);
    await eventually(() => {
      expect(model.failed).toMatchObject({ step: 'load' });
    });
    await promote(2);
    await serves(2);
    const { length } = host.loads;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(host.loads).toHaveLength(length);
    expect(model.failed).toBeUndefined();
  });

  it('the worker dies: what is asked meanwhile is refused, and the version is loaded again', async () => {
    await promote(1);
    await serves(1);
    const served = model.slot.active;
    host.hold('v1');
    host.kill('v1');
    await eventually(() => {
      expect(served?.lost).toBe(true);
    });
    expect(said.states.at(-1)).toMatchObject({ state: 'failed', active: { version: 1 } });
    await eventually(() => {
      expect(host.loads).toEqual(['v1', 'v1']);
    });
    host.release('v1');
    await eventually(() => {
      expect(model.slot.active?.lost).toBe(false);
    });
    expect(said.states.at(-1)).toMatchObject({ state: 'serving' });
  });
});

describe('ends', () => {
  it('requests in flight end on the version they were accepted under; it is closed after the last', async () => {
    await promote(1);
    await serves(1);
    const accepted = model.slot.active;
    const gate = Promise.withResolvers<undefined>();
    if (accepted === undefined) throw new Error('Nothing serves.');
    const answers = [1, 2].map(() => accepted.use(() => gate.promise.then(() => accepted.model.run([]))));
    await promote(2);
    await serves(2);
    expect(host.open).toEqual(new Set(['v1', 'v2']));
    expect(model.slot.find(1, Date.now())).toBe(accepted);
    gate.resolve(undefined);
    for (const answer of await Promise.all(answers)) expect(answer[0].data).toEqual(['v1']);
    await eventually(() => {
      expect(host.open).toEqual(new Set(['v2']));
    });
    expect(model.slot.find(1, Date.now())).toBeUndefined();
  });

  it('a tombstone during a load: the load is thrown away, the old is unloaded', async () => {
    await promote(1);
    await serves(1);
    host.hold('v2');
    await promote(2);
    await loading('v2');
    retire();
    host.release('v2');
    await eventually(() => {
      expect(host.open).toEqual(new Set());
    });
    expect(model.slot.active).toBeUndefined();
    expect(said.states.at(-1)).toMatchObject({ state: 'unloaded', active: null, target: null });
    expect(copies.remembered.at(-1)).toBe('forgotten');
    await promote(1);
    await serves(1);
  });

  it('shutdown during a load waits for it, and leaves nothing open', async () => {
    await promote(1);
    await serves(1);
    host.hold('v2');
    await promote(2);
    await loading('v2');
    let closed = false;
    const closing = model.close().then(() => (closed = true));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(closed).toBe(false);
    host.release('v2');
    await closing;
    expect(host.open).toEqual(new Set());
  });
});
