import { expect } from 'vitest';
import type { Datatype, TensorSpec } from '#contracts';
import { writeModel } from '#onnx';
import { eventually } from '#testing';
import type { PredictorRig } from './predictor-rig.behaviour.js';

/** Every type of the protocol. */
export const datatypes: readonly Datatype[] = [
  ...(['BOOL', 'UINT8', 'UINT16', 'UINT32', 'UINT64', 'INT8', 'INT16', 'INT32', 'INT64'] as const),
  ...(['FP16', 'FP32', 'FP64', 'BYTES'] as const),
];

interface Echo {
  model: string;
  inputs: TensorSpec[];
}

/** Models that answer what they are sent, `x` as `x_out`: one of two columns for each type, one of all types, one of any width, one of a scalar. */
export const echoes: readonly Echo[] = [
  ...datatypes.map((datatype) => ({ model: `echo_${datatype}`, inputs: [{ name: 'x', datatype, shape: [-1, 2] }] })),
  { model: 'echo_all', inputs: datatypes.map((datatype) => ({ name: datatype, datatype, shape: [-1] })) },
  { model: 'echo_free', inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, -1] }] },
  { model: 'echo_scalar', inputs: [{ name: 'x', datatype: 'FP64', shape: [] }] },
];

/** Promotes iris and the echoes, and waits until all of them answer. */
export const promoteEchoes = async (rig: PredictorRig): Promise<void> => {
  await rig.promote(1);
  for (const { model, inputs } of echoes) {
    const outputs = inputs.map((input) => ({ ...input, name: `${input.name}_out` }));
    const bytes = writeModel({
      name: model,
      inputs,
      outputs,
      nodes: inputs.map(({ name }) => ({ op: 'Identity', inputs: [name], outputs: [`${name}_out`] })),
    });
    await rig.promote(1, { model, artifact: await rig.stored(bytes), signature: { inputs, outputs } });
  }
  await eventually(async () => {
    expect(await rig.ready()).toBe(200);
    for (const model of ['iris', ...echoes.map((echo) => echo.model)])
      expect((await rig.ask(`/v2/models/${model}/ready`)).status).toBe(200);
  }, 100_000);
};
