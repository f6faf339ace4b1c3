import type { Datatype, ModelPromoted, TensorSpec } from '#contracts';

/** Triton's names of the element types in a model configuration. */
const configType = (datatype: Datatype): string => `TYPE_${datatype === 'BYTES' ? 'STRING' : datatype}`;

/**
 * Triton's `ModelConfig` in JSON, as far as its clients read it: perf_analyzer learns from it how many rows it may send in one
 * request. Where rows are batched, dimensions are told without the first one.
 * @param batchRows rows that are run together at most; 1 where each request is run by itself
 */
export const modelConfig = (
  { model, version, signature }: ModelPromoted,
  { batchRows, lanes }: { batchRows: number; lanes: number },
): object => {
  const { inputs, outputs } = signature;
  const batched = batchRows > 1;
  const dims = ({ name, datatype, shape }: TensorSpec): object => {
    const inner = batched ? shape.slice(1) : shape;
    return {
      name,
      data_type: configType(datatype),
      // No dimension is none of Triton's shapes: it says one element, reshaped.
      ...(inner.length === 0 ? { dims: [1], reshape: { shape: [] } } : { dims: inner }),
    };
  };
  return {
    name: model,
    platform: 'onnxruntime_onnx',
    backend: 'onnxruntime',
    version_policy: { specific: { versions: [version] } },
    max_batch_size: batched ? batchRows : 0,
    input: inputs.map(dims),
    output: outputs.map(dims),
    instance_group: [{ name: model, kind: 'KIND_CPU', count: lanes }],
    ...(batched && { dynamic_batching: { max_queue_delay_microseconds: 0 } }),
  };
};
