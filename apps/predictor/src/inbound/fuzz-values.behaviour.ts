import fc from 'fast-check';

/** Texts on which readers break: empty, long, of every plane, with NUL, half of a pair, or the name of something inherited. */
export const oddText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom('', '\0', '__proto__', 'constructor', 'toString', '\ud800', '\ufeff', '%', '%ff', '../..', '1'),
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.string({ maxLength: 12 }),
  fc.integer({ min: 200, max: 5_000 }).map((length) => 'ü'.repeat(length)),
);

/** Numbers at the edges of the types. */
export const oddNumber: fc.Arbitrary<number | bigint> = fc.oneof(
  fc.constantFrom(0, -0, -1, 127, 128, 255, 256, 65_504, 65_536, 2 ** 31, 2 ** 32, 2 ** 53, 1e39, 1e308, -1e400, NaN),
  fc.constantFrom(2n ** 53n + 1n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n, -(2n ** 63n) - 1n),
  fc.double(),
  fc.integer(),
);

/** Bytes with a part cut off, taken out, doubled, or overwritten. */
export const damaged = (whole: fc.Arbitrary<Buffer>): fc.Arbitrary<Buffer> =>
  fc
    .record({
      whole,
      how: fc.constantFrom('cut', 'take out', 'double', 'overwrite'),
      from: fc.nat(),
      length: fc.integer({ min: 1, max: 12 }),
      noise: fc.uint8Array({ minLength: 12, maxLength: 12 }),
    })
    .map(({ whole: bytes, how, from, length, noise }) => {
      const begin = bytes.length === 0 ? 0 : from % bytes.length;
      const [before, part, after] = [
        bytes.subarray(0, begin),
        bytes.subarray(begin, begin + length),
        bytes.subarray(begin + length),
      ];
      if (how === 'cut') return before;
      if (how === 'take out') return Buffer.concat([before, after]);
      if (how === 'double') return Buffer.concat([before, part, part, after]);
      return Buffer.concat([before, noise.subarray(0, part.length), after]);
    });
