import { invalidData } from './invalid-data.js';

/** The cells of one record: `count` pairs of places in `bytes`, valid during the call only. */
export interface CsvRecord {
  bytes: Uint8Array;
  starts: Int32Array;
  ends: Int32Array;
  count: number;
  /** Of the record's first character, counted from 1. */
  line: number;
}

/** Longer ones are an unclosed quote, or no table. */
const LONGEST_RECORD = 1_000_000;
const [TAB, LF, CR, SPACE, QUOTE, COMMA] = [9, 10, 13, 32, 34, 44];

/**
 * Cuts CSV (RFC 4180, comma) into records while it streams by. Blanks around cells are not part of them unless quoted, empty lines are
 * skipped, lines end in LF, CR LF or CR, a byte order mark is dropped.
 * @throws PlatformError DATASET_INVALID naming the line.
 */
export class CsvTokens {
  private rest: Uint8Array = new Uint8Array(0);
  private line = 1;
  private begun = false;
  private readonly record: CsvRecord;
  private escaped: Uint8Array;

  constructor(
    mostColumns: number,
    private readonly onRecord: (record: CsvRecord) => void,
  ) {
    // One more than allowed, so that a record that is too wide is told by its width.
    const room = mostColumns + 1;
    this.record = { bytes: this.rest, starts: new Int32Array(room), ends: new Int32Array(room), count: 0, line: 1 };
    this.escaped = new Uint8Array(room);
  }

  push(chunk: Uint8Array): void {
    const bytes = new Uint8Array(this.rest.length + chunk.length);
    bytes.set(this.rest);
    bytes.set(chunk, this.rest.length);
    this.take(bytes, false);
  }

  end(): void {
    this.take(this.rest, true);
  }

  private take(bytes: Uint8Array, isLast: boolean): void {
    let at = 0;
    if (!this.begun && (bytes.length >= 3 || isLast)) {
      this.begun = true;
      if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) at = 3;
    }
    this.record.bytes = bytes;
    while (this.begun && at < bytes.length) {
      const next = this.readRecord(bytes, at, isLast);
      if (next < 0) break;
      at = next;
    }
    this.rest = isLast ? new Uint8Array(0) : bytes.subarray(at);
    if (this.rest.length > LONGEST_RECORD)
      throw invalidData(
        `Line ${String(this.line)} is longer than ${String(LONGEST_RECORD)} bytes; perhaps a quote is never closed.`,
      );
  }

  /** @returns where the next record begins, -1 when this one is not whole yet */
  private readRecord(bytes: Uint8Array, from: number, isLast: boolean): number {
    const { record } = this;
    let at = from;
    let line = this.line;
    record.count = 0;
    for (;;) {
      while (at < bytes.length && (bytes[at] === SPACE || bytes[at] === TAB)) at++;
      let start = at;
      let end: number;
      let escaped = 0;
      if (bytes[at] === QUOTE) {
        start = ++at;
        for (;;) {
          while (at < bytes.length && bytes[at] !== QUOTE) {
            if (bytes[at] === LF) line++;
            at++;
          }
          if (at >= bytes.length) {
            if (isLast) throw this.unreadable('a quote is never closed');
            return -1;
          }
          if (at + 1 >= bytes.length && !isLast) return -1;
          if (bytes[at + 1] !== QUOTE) break;
          escaped = 1;
          at += 2;
        }
        end = at++;
        while (at < bytes.length && (bytes[at] === SPACE || bytes[at] === TAB)) at++;
      } else {
        while (at < bytes.length && bytes[at] !== COMMA && bytes[at] !== LF && bytes[at] !== CR) {
          if (bytes[at] === QUOTE) throw this.unreadable('a quote stands in the middle of a cell');
          at++;
        }
        end = at;
        while (end > start && (bytes[end - 1] === SPACE || bytes[end - 1] === TAB)) end--;
      }
      this.keep(start, end, escaped);
      if (at >= bytes.length) {
        if (!isLast) return -1;
        this.emit(line, start === end && bytes[start - 1] !== QUOTE);
        return at;
      }
      if (bytes[at] === COMMA) {
        at++;
        continue;
      }
      if (bytes[at] !== LF && bytes[at] !== CR) throw this.unreadable('text follows a closing quote');
      // A CR may be the first half of a line's end whose other half comes with the next chunk.
      if (bytes[at] === CR && at + 1 >= bytes.length && !isLast) return -1;
      const after = bytes[at] === CR && bytes[at + 1] === LF ? at + 2 : at + 1;
      this.emit(line, start === end && bytes[start - 1] !== QUOTE);
      this.line = line + 1;
      return after;
    }
  }

  private keep(start: number, end: number, escaped: number): void {
    const { record } = this;
    if (record.count < record.starts.length) {
      record.starts[record.count] = start;
      record.ends[record.count] = end;
      this.escaped[record.count] = escaped;
    }
    record.count++;
  }

  private emit(lastLine: number, lastIsEmpty: boolean): void {
    const { record } = this;
    if (record.count === 1 && lastIsEmpty) return;
    record.line = this.line;
    for (let cell = 0; cell < Math.min(record.count, record.starts.length); cell++)
      if (this.escaped[cell] === 1) record.ends[cell] = unescape(record.bytes, record.starts[cell], record.ends[cell]);
    this.onRecord(record);
    this.line = lastLine;
  }

  private unreadable(why: string): Error {
    return invalidData(`Line ${String(this.line)} is not readable as CSV: ${why}.`);
  }
}

/** Makes one quote of each two, in place. @returns where the text ends now */
const unescape = (bytes: Uint8Array, start: number, end: number): number => {
  let to = start;
  for (let from = start; from < end; from++, to++) {
    bytes[to] = bytes[from];
    if (bytes[from] === QUOTE) from++;
  }
  return to;
};
