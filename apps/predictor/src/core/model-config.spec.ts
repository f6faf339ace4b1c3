import { expect, it } from 'vitest';
import { lines, mostLanes } from './placement.js';
import { modelConfig } from './model-config.js';
import { signature } from './swap-rig.behaviour.js';

const promoted = { model: 'iris', version: 3, signature } as Parameters<typeof modelConfig>[0];

it('tells over how many sessions a model may be spread, which is fewer for a large one', () => {
  const countOf = (sizeBytes: number) =>
    modelConfig(promoted, { batchRows: 8, lanes: mostLanes(sizeBytes, 4) }) as { instance_group: object[] };
  expect(countOf(1_000).instance_group).toEqual([{ name: 'iris', kind: 'KIND_CPU', count: 4 }]);
  expect(countOf(lines.lanesBytes / 2).instance_group).toEqual([{ name: 'iris', kind: 'KIND_CPU', count: 2 }]);
  expect(countOf(2 * lines.lanesBytes).instance_group).toEqual([{ name: 'iris', kind: 'KIND_CPU', count: 1 }]);
});

it('says that rows are batched where they are, not where their shapes would let them be', () => {
  const dims = (shape: number[]): unknown => [expect.objectContaining({ dims: shape })];
  expect(modelConfig(promoted, { batchRows: 8, lanes: 1 })).toMatchObject({
    max_batch_size: 8,
    input: dims([2]),
    dynamic_batching: {},
  });
  const alone = modelConfig(promoted, { batchRows: 1, lanes: 1 });
  expect(alone).toMatchObject({ max_batch_size: 0, input: dims([-1, 2]) });
  expect(alone).not.toHaveProperty('dynamic_batching');
});
