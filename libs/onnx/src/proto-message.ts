import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';

/** One field of a protobuf message, not yet decoded. */
export interface ProtoField {
  number: number;
  /** @throws RangeError when the field is not length-delimited. The bytes are a view, not a copy. */
  bytes: () => Uint8Array;
  text: () => string;
  /** A whole number; numbers beyond 2^53 are told apart from their neighbours no more, but stay beyond it. */
  integer: () => number;
}

/**
 * Hands every field of a message to `visit`, which decodes what it wants; the rest is skipped. Bounds are checked by the reader.
 * @throws RangeError or Error when the bytes are not a protobuf message.
 */
export const eachField = (message: Uint8Array, visit: (field: ProtoField) => void): void => {
  const reader = new BinaryReader(message);
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag();
    const start = reader.pos;
    const take = <T>(expected: WireType, decode: () => T): T => {
      if (wireType !== expected) throw new RangeError(`field ${String(number)} has wire type ${String(wireType)}`);
      return decode();
    };
    visit({
      number,
      bytes: () => take(WireType.LengthDelimited, () => reader.bytes()),
      text: () => take(WireType.LengthDelimited, () => reader.string(true)),
      integer: () => take(WireType.Varint, () => Number(reader.int64())),
    });
    // Every decoder moves on by a byte at least.
    if (reader.pos === start) reader.skip(wireType, number);
  }
};
