import { expect, it, vi } from 'vitest';
import type { Tensor } from '#onnx';
import type { Lane } from './model-host.js';
import { Pace } from './pace.js';
import { SharedLane, stopIfUnwanted, type SharedLaneParts } from './shared-lane.js';

const input = (rows: number): Tensor[] => [
  { name: 'x', datatype: 'FP32', shape: [rows, 1], data: new Float32Array(rows) },
];

const laneOf = (parts: Partial<SharedLaneParts>, ran: (rows: number) => void = () => undefined): SharedLane => {
  const session: Lane = {
    run: ([tensor]) => {
      ran(tensor.shape[0]);
      return Promise.resolve({ outputs: [tensor], tookMs: tensor.shape[0] });
    },
  };
  const pace = new Pace();
  pace.learn(1, 1);
  return new SharedLane({ session, pace, isSeparable: true, aside: () => Promise.resolve(undefined), ...parts });
};

it('leaves a long run off between two slices once nobody waits for it', async () => {
  const slices: number[] = [];
  const demand = {
    get isWanted() {
      return slices.length < 3;
    },
  };
  const lane = laneOf({}, (rows) => slices.push(rows));
  await expect(lane.run(input(1000), undefined, demand)).rejects.toMatchObject({ code: 'CLIENT_GONE' });
  expect(slices).toHaveLength(3);
  const { outputs } = await lane.run(input(1000), undefined, { isWanted: true });
  expect(outputs[0].shape).toEqual([1000, 1]);
});

it('begins no long run that nobody waits for any more when its turn aside comes', async () => {
  const ran = vi.fn();
  const aside: SharedLaneParts['aside'] = (_run, demand) => {
    stopIfUnwanted(demand);
    return Promise.resolve(undefined);
  };
  const lane = laneOf({ isSeparable: false, aside: (...asked) => Promise.resolve().then(() => aside(...asked)) }, ran);
  await expect(lane.run(input(1000), undefined, { isWanted: false })).rejects.toMatchObject({ code: 'CLIENT_GONE' });
  expect(ran).not.toHaveBeenCalled();
  await lane.run(input(1000), undefined, { isWanted: true });
  expect(ran).toHaveBeenCalledOnce();
});
