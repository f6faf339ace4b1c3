import { vi } from 'vitest';
import type { Tensor } from '#onnx';
import type { Demand, HostedModel, Lane } from './model-host.js';

/** A lane that answers when the test says so: each row's sum, and the row itself. */
export class SlowLane implements Lane {
  readonly calls: {
    inputs: readonly Tensor[];
    outputNames: readonly string[];
    end: (error?: Error) => void;
    demand: Demand | undefined;
  }[] = [];

  run(
    inputs: readonly Tensor[],
    outputNames: readonly string[] = [],
    demand?: Demand,
  ): Promise<{ outputs: Tensor[]; tookMs: number }> {
    return new Promise((resolve, reject) => {
      const end = (error?: Error): void => {
        if (error === undefined) resolve({ outputs: answersTo(inputs[0], outputNames), tookMs: 1 });
        else reject(error);
      };
      this.calls.push({ inputs, outputNames, end, demand });
    });
  }
}

export const answersTo = ({ shape: [rows], data }: Tensor, names: readonly string[]): Tensor[] =>
  names.map((name) => {
    const values = Float32Array.from(data as Float32Array);
    const sums = Float32Array.from({ length: rows }, (_, row) => values[2 * row] + values[2 * row + 1]);
    return name === 'sum'
      ? { name, datatype: 'FP32', shape: [rows], data: sums }
      : { name, datatype: 'FP32', shape: [rows, 2], data: values };
  });

export class Hosted implements HostedModel {
  readonly inputs = [{ name: 'x', datatype: 'FP32', shape: [-1, 2] }] as const satisfies HostedModel['inputs'];
  readonly outputs = [
    { name: 'sum', datatype: 'FP32', shape: [-1] },
    { name: 'same', datatype: 'FP32', shape: [-1, 2] },
  ] as const satisfies HostedModel['outputs'];
  readonly isRowWise = true;
  lanes: SlowLane[] = [new SlowLane()];
  lose: (error: Error) => void = () => undefined;
  readonly lost = new Promise<Error>((lose) => (this.lose = lose));
  listener: () => void = () => undefined;
  readonly widen = vi.fn();
  readonly close = vi.fn(() => Promise.resolve());
  readonly settle = () => undefined;
  onLanes(listener: () => void): void {
    this.listener = listener;
  }
}

export const x = (...values: number[]): Tensor[] => [
  { name: 'x', datatype: 'FP32', shape: [values.length / 2, 2], data: Float32Array.from(values) },
];
export const turn = () => new Promise((resolve) => setImmediate(resolve));
