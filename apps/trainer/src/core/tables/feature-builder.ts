import { isMissing } from '#contracts';
import type { Column, ColumnKind } from './column.js';
import { decimalOf, readDecimal } from './decimal.js';
import { Growing } from './growing.js';
import { invalidData, shown } from './invalid-data.js';
import { decode, TextPool } from './text-pool.js';

/** So many different numbers and no text: it is a column of numbers for good, and the texts of its cells need not be kept. */
const MOST_NUMBERS_KEPT = 1_000;
const MOST_CATEGORIES = 100_000;
/** Fewer texts than this share of a column are slips among numbers, not categories. */
const FEWEST_TEXTS = 0.1;
/** Words of infinity that numeric tools write. */
const INFINITE = /^[+-]?inf(inity)?$/i;

/**
 * Gathers one column cell by cell. Cells of numbers make a column of numbers, others a column of categories; a few texts among numbers
 * are refused, as they are more often slips than categories. A declared kind overrules what the cells look like.
 * @throws PlatformError DATASET_INVALID naming where (`at`: a line or row) and the column.
 */
export class FeatureBuilder {
  private values: Growing<Float32Array> | undefined;
  private codes: Growing<Int32Array> | undefined;
  private readonly pool = new TextPool();
  private numbers = 0;
  private texts = 0;
  private firstText?: { at: string; text: string };

  constructor(
    readonly name: string,
    private readonly declared: ColumnKind | undefined,
    private readonly place: (at: number) => string,
  ) {
    if (declared !== 'category') this.values = new Growing(Float32Array);
    if (declared !== 'number') this.codes = new Growing(Int32Array);
  }

  addCell(bytes: Uint8Array, start: number, end: number, at: number): void {
    if (start === end) {
      this.addMissing();
      return;
    }
    const number = this.values === undefined ? NaN : readDecimal(bytes, start, end);
    if (!Number.isNaN(number)) {
      this.addNumber(number, at);
      this.codes?.push(this.pool.positionOfBytes(bytes, start, end));
      this.settle();
      return;
    }
    // The longest word for a missing value has 8 letters.
    if (end - start <= 8 && isMissing(decode(bytes, start, end))) this.addMissing();
    else this.addWord(this.pool.positionOfBytes(bytes, start, end), at);
  }

  /** Of a typed file; a number in digits is one where the column is declared so. */
  addText(text: string, at: number): void {
    const number = this.declared === 'number' ? decimalOf(text) : NaN;
    if (!Number.isNaN(number)) this.addNumber(number, at);
    else if (isMissing(text)) this.addMissing();
    else this.addWord(this.pool.positionOf(text), at);
  }

  /** A number of a typed file; the column is one of numbers then. */
  addValue(value: number, at: number): void {
    if (Number.isNaN(value)) this.addMissing();
    else if (this.values === undefined) this.addWord(this.pool.positionOf(String(value)), at);
    else {
      this.codes = undefined;
      this.addNumber(value, at);
    }
  }

  /** Of a typed file; as text it keeps the digits that a double does not hold. */
  addWhole(value: bigint, at: number): void {
    this.addValue(Number(value), at);
  }

  addMissing(_at?: number): void {
    this.values?.push(NaN);
    this.codes?.push(-1);
  }

  finish(): Column {
    if (this.numbers + this.texts === 0)
      throw invalidData(`The column "${this.name}" has no value in any row; leave it out (dataset.drop).`);
    const { name, firstText: first } = this;
    if (first !== undefined && this.numbers > 0 && this.values !== undefined) {
      if (this.texts < FEWEST_TEXTS * (this.numbers + this.texts)) throw this.slip(first);
      this.values = undefined;
    }
    if (this.values !== undefined && first === undefined) return { kind: 'number', name, values: this.values.taken() };
    if (this.codes === undefined) throw new Error(`The column "${name}" was kept neither as numbers nor as texts.`);
    return { kind: 'category', name, codes: this.codes.taken(), categories: this.pool.texts };
  }

  private addNumber(number: number, at: number): void {
    const value = Math.fround(number);
    if (!Number.isFinite(value)) throw this.notFinite(String(number), at);
    this.numbers++;
    this.values?.push(value);
  }

  private addWord(position: number, at: number): void {
    const text = this.pool.texts[position];
    if (this.values !== undefined && INFINITE.test(text)) throw this.notFinite(text, at);
    this.texts++;
    this.firstText ??= { at: this.place(at), text };
    if (this.codes === undefined) throw this.slip(this.firstText);
    this.values?.push(NaN);
    this.codes.push(position);
    if (this.pool.size > MOST_CATEGORIES)
      throw invalidData(
        `The column "${this.name}" has more than ${String(MOST_CATEGORIES)} different texts; leave it out (dataset.drop) or group them.`,
      );
  }

  private settle(): void {
    if (this.pool.size > MOST_NUMBERS_KEPT && this.texts === 0) this.codes = undefined;
  }

  private slip({ at, text }: { at: string; text: string }): Error {
    const others = this.declared === 'number' ? 'which is declared as numbers' : 'whose other cells are numbers';
    return invalidData(
      `${at} has ${shown(text)} in the column "${this.name}", ${others}; mend the cell, empty it, or declare the column a category (dataset.types).`,
    );
  }

  private notFinite(value: string, at: number): Error {
    return invalidData(
      `${this.place(at)} has ${shown(value)} in the column "${this.name}"; numbers must be finite and at most 3.4e38. A column of texts is declared a category (dataset.types).`,
    );
  }
}
