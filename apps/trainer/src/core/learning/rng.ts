/**
 * Seeded random numbers (xoshiro128**, Blackman and Vigna 2018): the same seed and stream give the same numbers on every machine. They
 * are not scikit-learn's, so a `random_state` repeats our own runs, not those of Python.
 */
export class Rng {
  private readonly state = new Uint32Array(4);

  /** @param stream sets apart what is random for different reasons, so that one more draw here moves nothing there */
  constructor(seed: number, stream: number) {
    // Two rounds of splitmix32: neighbouring seeds and streams must not begin alike.
    let mixed = (Math.imul(seed, 0x9e3779b1) ^ Math.imul(stream + 1, 0x85ebca77)) >>> 0;
    for (let index = 0; index < 4; index++) {
      mixed = (mixed + 0x9e3779b9) >>> 0;
      let word = mixed;
      word = Math.imul(word ^ (word >>> 16), 0x21f0aaad);
      word = Math.imul(word ^ (word >>> 15), 0x735a2d97);
      this.state[index] = word ^ (word >>> 15);
    }
  }

  /** A whole number from 0 to 2^32 - 1. */
  next(): number {
    const s = this.state;
    const result = Math.imul(rotateLeft(Math.imul(s[1], 5), 7), 9) >>> 0;
    const shifted = s[1] << 9;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = rotateLeft(s[3], 11);
    return result;
  }

  /** A whole number from 0 to `bound` - 1. */
  below(bound: number): number {
    return Math.floor((this.next() / 2 ** 32) * bound);
  }

  /** Shuffles in place (Fisher and Yates). */
  shuffle(values: Int32Array): void {
    for (let index = values.length - 1; index > 0; index--) {
      const other = this.below(index + 1);
      const value = values[index];
      values[index] = values[other];
      values[other] = value;
    }
  }
}

const rotateLeft = (word: number, by: number): number => (word << by) | (word >>> (32 - by));
