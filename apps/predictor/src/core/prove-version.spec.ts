import { expect, it } from 'vitest';
import type { ModelPromoted } from '#contracts';
import { ManualClock, SilentLogger } from '#runtime';
import { CrashMarks, type CrashMark } from './crash-marks.js';
import { ModelHost, type HostedModel } from './model-host.js';
import { ProveVersion } from './prove-version.js';
import { NoCopies } from './swap-rig.behaviour.js';

class Marks extends CrashMarks {
  readonly standing: string[] = [];
  constructor(private readonly suspects: string[]) {
    super();
  }
  of = (sha256: string) => {
    const mark: CrashMark = { promotions: {}, crashes: 1, alone: false, foundAtMs: 0 };
    return Promise.resolve(this.suspects.includes(sha256) ? mark : undefined);
  };
  begin = ({ artifact }: ModelPromoted) => Promise.resolve(void this.standing.push(artifact.sha256));
  end = ({ artifact }: ModelPromoted) =>
    Promise.resolve(void this.standing.splice(this.standing.indexOf(artifact.sha256), 1));
}

/** Loads wait for `turn`, and are then opened until they are let `go`; none comes well out. */
class GatedHost extends ModelHost {
  readonly waiting = new Map<string, () => void>();
  readonly opened = new Map<string, () => void>();
  async load(bytes: Uint8Array, _: unknown, opening: () => Promise<void>): Promise<HostedModel> {
    const name = new TextDecoder().decode(bytes);
    await new Promise<void>((turn) => this.waiting.set(name, turn));
    await opening();
    await new Promise<void>((go) => this.opened.set(name, go));
    this.opened.delete(name);
    throw new Error('No model.');
  }
  close = () => Promise.resolve();
  abandon = () => undefined;
}

const settled = () => new Promise(setImmediate);
const rig = (suspects: string[]) => {
  const [host, marks] = [new GatedHost(), new Marks(suspects)];
  const limits = { byDefault: { maxBatch: 8, maxQueue: 8, timeoutMs: 10_000 }, byModel: {} };
  const prove = new ProveVersion(host, marks, new NoCopies(), limits, new ManualClock(), new SilentLogger());
  const load = async (name: string): Promise<unknown> => {
    const promoted = { model: name, generation: 1, artifact: { sha256: name } } as ModelPromoted;
    const again = () => Promise.resolve(undefined);
    const { signal } = new AbortController();
    return prove.execute(promoted, new TextEncoder().encode(name), again, signal).catch((error: unknown) => error);
  };
  return { host, marks, load };
};

it('marks what is being opened, not what waits for its turn, and nothing that has ended', async () => {
  const { host, marks, load } = rig([]);
  const loads = ['a', 'b', 'c'].map(load);
  await settled();
  expect(marks.standing).toEqual([]);
  host.waiting.get('a')?.();
  host.waiting.get('b')?.();
  await settled();
  expect(marks.standing).toEqual(['a', 'b']);
  host.opened.get('a')?.();
  await loads[0];
  expect(marks.standing).toEqual(['b']);
});

it('loads what is under suspicion one after the other, with nothing beside it', async () => {
  const { host, marks, load } = rig(['b', 'c']);
  const names = ['a', 'b', 'c', 'd'];
  const loads = names.map(load);
  await settled();
  for (const name of names) host.waiting.get(name)?.();
  for (const [at, name] of names.entries()) {
    await settled();
    expect([...host.opened.keys()]).toEqual([name]);
    expect(marks.standing).toEqual([name]);
    host.opened.get(name)?.();
    await loads[at];
  }
});
