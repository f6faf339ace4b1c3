import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Tensor } from '#onnx';
import { eventually } from '#testing';
import type { SwapModel } from './swap-model.js';
import { SwapRig } from './swap-rig.behaviour.js';

let rig: SwapRig;
let model: SwapModel;
beforeEach(() => {
  rig = new SwapRig();
  ({ model } = rig);
});
afterEach(() => rig.close());

const serves = (version: number | undefined, under = rig.generation) =>
  eventually(() => {
    const active = model.slot.active;
    expect(active?.promoted.version).toBe(version);
    if (active !== undefined) expect(active.promoted.generation).toBe(under);
  });
const loading = (name: string) =>
  eventually(() => {
    expect(rig.host.loads).toContain(name);
  });
const oneRow = (): Tensor => ({ name: 'x', datatype: 'FP32', shape: [1, 2], data: new Float32Array(2) });

describe('promotions', () => {
  it('one after the other: the newer serves, the older is closed', async () => {
    await rig.promote(1);
    await serves(1);
    await rig.promote(2);
    await serves(2);
    await eventually(() => {
      expect(rig.host.open).toEqual(new Set(['v2']));
    });
    expect(rig.copies.remembered).toEqual(['v1', 'v2']);
  });

  it('an older one that still answers somebody is in memory, and told of, until it has', async () => {
    await rig.promote(1);
    await serves(1);
    const old = model.slot.active;
    const answered = Promise.withResolvers<undefined>();
    const using = old?.use(() => answered.promise);
    await rig.promote(2);
    await serves(2);
    expect(model.slot.loaded().map(({ promoted }) => promoted.version)).toEqual([2, 1]);
    answered.resolve(undefined);
    await using;
    await eventually(() => {
      expect(model.slot.loaded().map(({ promoted }) => promoted.version)).toEqual([2]);
    });
  });

  it('promote then at once another: the late load is thrown away and closed, it never serves', async () => {
    await rig.promote(1);
    await serves(1);
    rig.host.hold('v2');
    await rig.promote(2);
    await loading('v2');
    await rig.promote(3);
    expect(rig.host.loads).toEqual(['v1', 'v2']);
    rig.host.release('v2');
    await serves(3);
    await eventually(() => {
      expect(rig.host.open).toEqual(new Set(['v3']));
    });
    expect(rig.said.states.map(({ active }) => active?.version)).not.toContain(2);
  });

  it('promoted again while it loads: it is loaded once and serves under the newest generation', async () => {
    rig.host.hold('v1');
    await rig.promote(1);
    await loading('v1');
    await rig.promote(1);
    rig.host.release('v1');
    await serves(1, 2);
    expect(rig.host.loads).toEqual(['v1']);
  });

  it('a retirement without a generation is believed, and takes nothing from the promotion after it', async () => {
    const first = await rig.promote(1);
    await serves(1);
    model.wantGone();
    model.drive();
    await serves(undefined);
    expect(model.want({ generation: first.generation, promoted: first }, true)).toBe(true);
    model.wantGone();
    await rig.promote(2);
    await serves(2, 2);
  });

  it('an older version is a promotion like any other', async () => {
    await rig.promote(7);
    await serves(7);
    await rig.promote(3);
    await serves(3);
  });

  it('flap A-B-A while B loads: A stays and is not loaded again', async () => {
    await rig.promote(1);
    await serves(1);
    rig.host.hold('v2');
    await rig.promote(2);
    await loading('v2');
    await rig.promote(1);
    rig.host.release('v2');
    await serves(1, 3);
    expect(rig.host.loads).toEqual(['v1', 'v2']);
    await eventually(() => {
      expect(rig.host.open).toEqual(new Set(['v1']));
    });
    expect(model.state()).toMatchObject({ state: 'serving', active: { version: 1, generation: 3 } });
  });

  it('what is not newer is dropped', async () => {
    const old = await rig.promote(1);
    await rig.promote(2);
    await serves(2);
    expect(model.want({ generation: old.generation, promoted: old }, true)).toBe(false);
    expect(model.want({ generation: 2, promoted: old }, true)).toBe(false);
    model.drive();
    await serves(2);
  });
});

describe('failures', () => {
  it('a load fails for ever: the old serves, the fleet knows why, and it is tried again and again', async () => {
    await rig.promote(1);
    await serves(1);
    rig.host.broken.add('v2');
    await rig.promote(2);
    await eventually(() => {
      expect(rig.host.loads.filter((name) => name === 'v2').length).toBeGreaterThan(2);
    });
    expect(model.slot.active?.promoted.version).toBe(1);
    expect(rig.said.states.at(-1)).toMatchObject({
      state: 'failed',
      step: 'load',
      active: { version: 1, generation: 1 },
      target: { version: 2, generation: 2 },
      reason: expect.stringContaining('v2 is broken.') as string,
    });
    expect(rig.copies.remembered).toEqual(['v1']);
    rig.host.broken.clear();
    await serves(2);
    expect(rig.said.states.at(-1)).toMatchObject({ state: 'serving', active: { version: 2 } });
  });

  it('a newer promotion cancels the retry of an older one', async () => {
    rig.host.broken.add('v1');
    await rig.promote(1);
    await eventually(() => {
      expect(model.failed).toMatchObject({ step: 'load' });
    });
    await rig.promote(2);
    await serves(2);
    const { length } = rig.host.loads;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(rig.host.loads).toHaveLength(length);
    expect(model.failed).toBeUndefined();
  });

  it('the worker dies: what is asked meanwhile is refused, and the version is loaded again', async () => {
    await rig.promote(1);
    await serves(1);
    const served = model.slot.active;
    rig.host.hold('v1');
    rig.host.kill('v1');
    await eventually(() => {
      expect(served?.lost).toBe(true);
    });
    expect(rig.said.states.at(-1)).toMatchObject({ state: 'failed', active: { version: 1 } });
    await eventually(() => {
      expect(rig.host.loads).toEqual(['v1', 'v1']);
    });
    rig.host.release('v1');
    await eventually(() => {
      expect(model.slot.active?.lost).toBe(false);
    });
    expect(rig.said.states.at(-1)).toMatchObject({ state: 'serving' });
  });
});

describe('what served before', () => {
  const dead = async () => {
    await rig.promote(1);
    await serves(1);
    rig.host.broken.add('v2');
    await rig.promote(2);
    await eventually(() => {
      expect(model.failed).toMatchObject({ step: 'load' });
    });
    rig.host.kill('v1');
  };

  it('is loaded again when its worker dies while the newer version can not be served', async () => {
    await dead();
    await eventually(() => {
      expect(model.slot.active).toMatchObject({ lost: false, promoted: { version: 1 } });
    });
    expect(rig.said.states.at(-1)).toMatchObject({ state: 'failed', active: { version: 1 }, target: { version: 2 } });
    rig.host.broken.clear();
    await serves(2);
  });

  it('is loaded again at the next try when that fails, too', async () => {
    await rig.promote(1);
    await serves(1);
    rig.host.broken.add('v1').add('v2');
    rig.host.kill('v1');
    await rig.promote(2);
    await eventually(() => {
      expect(rig.host.loads.filter((name) => name === 'v1').length).toBeGreaterThan(2);
    });
    rig.host.broken.delete('v1');
    await eventually(() => {
      expect(model.slot.active).toMatchObject({ lost: false, promoted: { version: 1 } });
    });
  });

  it('does not come back once it was retired', async () => {
    rig.host.hold('v1');
    const restored = await rig.promotionOf(1);
    model.restore(restored);
    await loading('v1');
    rig.retire();
    rig.host.release('v1');
    rig.host.broken.add('v3');
    await rig.promote(3);
    await eventually(() => {
      expect(rig.host.loads.filter((name) => name === 'v3').length).toBeGreaterThan(2);
    });
    expect(rig.host.loads.filter((name) => name === 'v1')).toHaveLength(1);
    expect(rig.host.open).toEqual(new Set());
  });

  it('answers while the history is read, of which only the end is loaded', async () => {
    model.restore(await rig.promotionOf(1));
    for (const version of [2, 3]) model.want({ generation: version, promoted: await rig.promotionOf(version) }, false);
    await serves(1, 1);
    expect(rig.said.states.at(-1)).toMatchObject({ state: 'serving', active: { version: 1 }, target: { version: 1 } });
    model.drive();
    await serves(3);
    expect(rig.host.loads).toEqual(['v1', 'v3']);
  });

  it('is tried again with a pause when it fails while the history is read', async () => {
    rig.host.broken.add('v1');
    model.restore(await rig.promotionOf(1));
    model.want({ generation: 2, promoted: await rig.promotionOf(2) }, false);
    await eventually(() => {
      expect(model.failed).toMatchObject({ step: 'load' });
    });
    rig.host.broken.clear();
    await serves(1, 1);
    expect(rig.host.loads).not.toContain('v2');
  });
});

describe('ends', () => {
  it('requests in flight end on the version they were accepted under; it is closed after the last', async () => {
    await rig.promote(1);
    await serves(1);
    const accepted = model.slot.active;
    const gate = Promise.withResolvers<undefined>();
    if (accepted === undefined) throw new Error('Nothing serves.');
    const answers = [1, 2].map(() => accepted.use(() => gate.promise.then(() => accepted.model.run([oneRow()]))));
    await rig.promote(2);
    await serves(2);
    expect(rig.host.open).toEqual(new Set(['v1', 'v2']));
    expect(model.slot.find(1, Date.now())).toBe(accepted);
    gate.resolve(undefined);
    for (const answer of await Promise.all(answers)) expect(answer[0].data).toEqual(['v1']);
    await eventually(() => {
      expect(rig.host.open).toEqual(new Set(['v2']));
    });
    expect(model.slot.find(1, Date.now())).toBeUndefined();
  });

  it('a tombstone during a load: the load is thrown away, the old is unloaded', async () => {
    await rig.promote(1);
    await serves(1);
    rig.host.hold('v2');
    await rig.promote(2);
    await loading('v2');
    rig.retire();
    rig.host.release('v2');
    await eventually(() => {
      expect(rig.host.open).toEqual(new Set());
    });
    expect(model.slot.active).toBeUndefined();
    expect(rig.said.states.at(-1)).toMatchObject({ state: 'unloaded', active: null, target: null });
    expect(rig.copies.remembered.at(-1)).toBe('forgotten');
    await rig.promote(1);
    await serves(1);
  });

  it('shutdown during a load waits for it, and leaves nothing open', async () => {
    await rig.promote(1);
    await serves(1);
    rig.host.hold('v2');
    await rig.promote(2);
    await loading('v2');
    let closed = false;
    const closing = model.close().then(() => (closed = true));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(closed).toBe(false);
    rig.host.release('v2');
    await closing;
    expect(rig.host.open).toEqual(new Set());
  });
});
