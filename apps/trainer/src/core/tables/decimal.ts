const POWERS = Array.from({ length: 23 }, (_, power) => 10 ** power);
/** With this many digits a whole number is below 2^53. */
const EXACT_DIGITS = 15;
const ascii = new TextDecoder('latin1');
const [ZERO, NINE, POINT, PLUS, MINUS, SMALL_E, GREAT_E] = [48, 57, 46, 43, 45, 101, 69];

/**
 * Reads a decimal number (`-1.5e3`, `.5`, `7.`) from text in bytes, without making a string of it where that is exact.
 * @returns the nearest double (infinite beyond its range), NaN when it is no number.
 */
export const readDecimal = (bytes: Uint8Array, start: number, end: number): number => {
  let at = start;
  const negative = bytes[at] === MINUS;
  if (negative || bytes[at] === PLUS) at++;
  let mantissa = 0;
  let digits = 0;
  let written = 0;
  let exponent = 0;
  for (; at < end && isDigit(bytes[at]); at++, written++) {
    if (digits > 0 || bytes[at] !== ZERO) digits++;
    mantissa = mantissa * 10 + (bytes[at] - ZERO);
  }
  if (at < end && bytes[at] === POINT)
    for (at++; at < end && isDigit(bytes[at]); at++, written++, exponent--) {
      if (digits > 0 || bytes[at] !== ZERO) digits++;
      mantissa = mantissa * 10 + (bytes[at] - ZERO);
    }
  if (written === 0) return NaN;
  if (at < end) {
    if (bytes[at] !== SMALL_E && bytes[at] !== GREAT_E) return NaN;
    at++;
    const down = bytes[at] === MINUS;
    if (at < end && (down || bytes[at] === PLUS)) at++;
    if (at === end) return NaN;
    let power = 0;
    for (; at < end; at++) {
      if (!isDigit(bytes[at])) return NaN;
      power = Math.min(power * 10 + (bytes[at] - ZERO), 100_000);
    }
    exponent += down ? -power : power;
  }
  // Both are exact, so the one rounding of the division or product is the right one (Clinger 1990).
  if (digits <= EXACT_DIGITS && exponent >= -22 && exponent <= 22) {
    const value = exponent < 0 ? mantissa / POWERS[-exponent] : mantissa * POWERS[exponent];
    return negative ? -value : value;
  }
  return Number(ascii.decode(bytes.subarray(start, end)));
};

const utf8 = new TextEncoder();

/** The same of text that is a string already, blanks around it aside. */
export const decimalOf = (text: string): number => {
  const bytes = utf8.encode(text.trim());
  return readDecimal(bytes, 0, bytes.length);
};

const isDigit = (byte: number): boolean => byte >= ZERO && byte <= NINE;
