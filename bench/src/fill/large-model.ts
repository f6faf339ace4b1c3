import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { INPUT, OUTPUT } from './onnx-models.js';

/** A dense model of about so many megabytes, its weights raw: `writeModel` is for small ones. */
export const largeModel = (megabytes: number): Uint8Array<ArrayBuffer> => {
  const width = Math.floor(Math.sqrt((megabytes * 1e6) / 4));
  const writer = new BinaryWriter();
  const message = (field: number, write: () => void): void => {
    writer.tag(field, WireType.LengthDelimited).fork();
    write();
    writer.join();
  };
  const text = (field: number, value: string): void => void writer.tag(field, WireType.LengthDelimited).string(value);
  const number = (field: number, value: number): void => void writer.tag(field, WireType.Varint).int64(value);
  const node = (op: string, inputs: string[], output: string): void => {
    message(1, () => {
      for (const input of inputs) text(1, input);
      text(2, output);
      text(4, op);
    });
  };
  const weights = (name: string, rows: number, columns: number): void => {
    message(5, () => {
      number(1, rows);
      number(1, columns);
      number(2, 1);
      text(8, name);
      writer.tag(9, WireType.LengthDelimited).bytes(new Uint8Array(new Float32Array(rows * columns).fill(1e-4).buffer));
    });
  };
  const value = (field: number, name: string, columns: number): void => {
    message(field, () => {
      text(1, name);
      message(2, () => {
        message(1, () => {
          number(1, 1);
          message(2, () => {
            message(1, () => {
              text(2, 'batch');
            });
            message(1, () => {
              number(1, columns);
            });
          });
        });
      });
    });
  };
  number(1, 8);
  message(7, () => {
    node('MatMul', [INPUT, 'a'], 'x');
    node('MatMul', ['x', 'b'], 'y');
    node('MatMul', ['y', 'c'], OUTPUT);
    text(2, 'large');
    weights('a', 4, width);
    weights('b', width, width);
    weights('c', width, 1);
    value(11, INPUT, 4);
    value(12, OUTPUT, 1);
  });
  message(8, () => {
    text(1, '');
    number(2, 15);
  });
  return writer.finish();
};
