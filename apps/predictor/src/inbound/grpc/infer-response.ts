import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import type { Tensor } from '#onnx';
import { writeRaw } from '../../core/raw-tensors.js';

/** `ModelInferResponse` of libs/contracts/oip.proto, as far as it is filled. */
export interface InferResponse {
  modelName: string;
  modelVersion: string;
  /** That of the request; empty for none. */
  id: string;
  outputs: readonly Tensor[];
}

/** The bytes of the answer. Elements go as `raw_output_contents`, the only form that every client reads for every type. */
export const writeInferResponse = ({ modelName, modelVersion, id, outputs }: InferResponse): Buffer => {
  const writer = new BinaryWriter();
  writer.tag(1, WireType.LengthDelimited).string(modelName);
  writer.tag(2, WireType.LengthDelimited).string(modelVersion);
  if (id !== '') writer.tag(3, WireType.LengthDelimited).string(id);
  for (const { name, datatype, shape } of outputs) {
    writer.tag(5, WireType.LengthDelimited).fork();
    writer.tag(1, WireType.LengthDelimited).string(name);
    writer.tag(2, WireType.LengthDelimited).string(datatype);
    if (shape.length > 0) {
      writer.tag(3, WireType.LengthDelimited).fork();
      for (const size of shape) writer.int64(size);
      writer.join();
    }
    writer.join();
  }
  for (const output of outputs) writer.tag(6, WireType.LengthDelimited).bytes(writeRaw(output));
  const bytes = writer.finish();
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
};
