/** Half floats (IEEE 754 binary16), as FP16 tensors hold them: as their bits, since not every runtime has an array of them. */
const BIAS = 15;
const FRACTIONS = 1024;
/** The least number that is rounded to infinity: half a step above 65,504. */
const BEYOND = 65_520;
const SMALLEST_NORMAL = 2 ** -14;
const SMALLEST = 2 ** -24;

export const numberOfHalf = (bits: number): number => {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * SMALLEST;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / FRACTIONS) * 2 ** (exponent - BIAS);
};

/** False for a number that only infinity would stand for. */
export const fitsHalf = (value: number): boolean => !Number.isFinite(value) || Math.abs(value) < BEYOND;

/** The nearest half float; of two equally near ones the even one. */
export const halfOf = (value: number): number => {
  if (Number.isNaN(value)) return 0x7e00;
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (size >= BEYOND) return sign | 0x7c00;
  if (size < SMALLEST_NORMAL) return sign | toEven(size / SMALLEST);
  let exponent = Math.floor(Math.log2(size));
  // The logarithm of what lies right beside a power of two may be rounded to it.
  if (2 ** exponent > size) exponent -= 1;
  // A fraction that is rounded up to a whole step carries into the exponent, as it should.
  return sign | (((exponent + BIAS) * FRACTIONS + toEven((size / 2 ** exponent - 1) * FRACTIONS)) & 0x7fff);
};

const toEven = (value: number): number => {
  const below = Math.floor(value);
  const rest = value - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below;
};
