import { invalidData } from './invalid-data.js';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** UTF-8 as text. @throws PlatformError DATASET_INVALID when it is none. */
export const decode = (bytes: Uint8Array, start: number, end: number): string => {
  try {
    return utf8.decode(bytes.subarray(start, end));
  } catch (error) {
    throw invalidData('The data set is not UTF-8; save it as UTF-8.', error);
  }
};

/**
 * Different texts, each kept once and known by its position. Bytes that were seen before are found without making a string of
 * them: a column of a million cells holds a handful of texts.
 */
export class TextPool {
  readonly texts: string[] = [];
  private readonly positions = new Map<string, number>();
  /** Open addressing over the hashes of the texts' bytes; -1 is free. */
  private slots = new Int32Array(256).fill(-1);
  private readonly encoded: { hash: number; bytes: Uint8Array; position: number }[] = [];

  get size(): number {
    return this.texts.length;
  }

  positionOfBytes(bytes: Uint8Array, start: number, end: number): number {
    const hash = hashOf(bytes, start, end);
    let slot = hash & (this.slots.length - 1);
    for (; this.slots[slot] >= 0; slot = (slot + 1) & (this.slots.length - 1)) {
      const entry = this.encoded[this.slots[slot]];
      if (entry.hash === hash && equal(entry.bytes, bytes, start, end)) return entry.position;
    }
    const position = this.positionOf(decode(bytes, start, end));
    this.slots[slot] = this.encoded.push({ hash, bytes: bytes.slice(start, end), position }) - 1;
    if (this.encoded.length * 2 > this.slots.length) this.widen();
    return position;
  }

  positionOf(text: string): number {
    const known = this.positions.get(text);
    if (known !== undefined) return known;
    if (text.includes('\u0000'))
      throw invalidData(`The data set has a text with the character U+0000, which no graph can compare; take it out.`);
    const position = this.texts.push(text) - 1;
    this.positions.set(text, position);
    return position;
  }

  private widen(): void {
    this.slots = new Int32Array(this.slots.length * 4).fill(-1);
    const mask = this.slots.length - 1;
    this.encoded.forEach(({ hash }, index) => {
      let slot = hash & mask;
      while (this.slots[slot] >= 0) slot = (slot + 1) & mask;
      this.slots[slot] = index;
    });
  }
}

/** FNV-1a. */
const hashOf = (bytes: Uint8Array, start: number, end: number): number => {
  let hash = 0x811c9dc5;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ bytes[at], 0x01000193);
  return hash ^ (hash >>> 15);
};

const equal = (known: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean => {
  if (known.length !== end - start) return false;
  for (let at = 0; at < known.length; at++) if (known[at] !== bytes[start + at]) return false;
  return true;
};
