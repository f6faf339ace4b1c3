import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { describe, expect, it } from 'vitest';
import { eachField } from './proto-message.js';

/** A message with fields of every wire type, short and long, of numbers of one byte and of two. */
const message = (): Uint8Array =>
  new BinaryWriter()
    .tag(1, WireType.Varint)
    .int64(-1)
    .tag(2, WireType.LengthDelimited)
    .string('two')
    .tag(3, WireType.Bit32)
    .float(3)
    .tag(4, WireType.Bit64)
    .double(4)
    .tag(5, WireType.LengthDelimited)
    .bytes(new Uint8Array(300).fill(0x0a))
    .tag(6, WireType.LengthDelimited)
    .bytes(new Uint8Array(127).fill(0x0a))
    .tag(15, WireType.Varint)
    .int64(15)
    .tag(16, WireType.LengthDelimited)
    .string('sixteen')
    .tag(2, WireType.LengthDelimited)
    .string('two again')
    .finish();

const numbers = (bytes: Uint8Array, wanted: readonly number[]): number[] => {
  const seen: number[] = [];
  eachField(bytes, wanted, (field) => seen.push(field.number));
  return seen;
};

describe('eachField', () => {
  it.each<[number[], number[]]>([
    [[], []],
    [
      [1, 2, 3, 4, 5, 6, 15, 16],
      [1, 2, 3, 4, 5, 6, 15, 16, 2],
    ],
    [[2], [2, 2]],
    [[15], [15]],
    [[16], [16]],
    [[7, 31, 32], []],
  ])('hands over the fields %j and no others', (wanted, seen) => {
    expect(numbers(message(), wanted)).toEqual(seen);
  });

  it('decodes what is wanted behind what is not', () => {
    const seen: unknown[] = [];
    eachField(message(), [2, 6, 15], (field) => {
      seen.push(field.number === 2 ? field.text() : field.number === 6 ? field.bytes().length : field.integer());
    });
    expect(seen).toEqual(['two', 127, 15, 'two again']);
  });

  it.each(Array.from({ length: message().length - 1 }, (_, at) => at + 1))(
    'does not read beyond %i bytes',
    (length) => {
      const cut = message().subarray(0, length);
      const whole = (wanted: number[]): number[] | string => {
        try {
          return numbers(cut, wanted);
        } catch {
          return 'refused';
        }
      };
      // What is passed over must be whole, just as what is handed over.
      expect(whole([]) === 'refused').toBe(whole([1, 2, 3, 4, 5, 6, 15, 16]) === 'refused');
    },
  );

  it.each([
    ['a field without a number', [0x00, 0x00]],
    ['a wire type that there is not', [0x0e, 0x00]],
    ['a group that is not ended', [0x0b, 0x08, 0x01]],
    ['the end of a group that was not begun', [0x0c]],
  ])('refuses %s', (_what, bytes) => {
    expect(() => numbers(Uint8Array.from(bytes), [])).toThrow();
  });
});
