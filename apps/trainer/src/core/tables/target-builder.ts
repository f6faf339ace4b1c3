import { isMissing } from '#contracts';
import { classesOf, type Labels } from './classes.js';
import { decimalOf, readDecimal } from './decimal.js';
import { Growing } from './growing.js';
import { invalidData, shown } from './invalid-data.js';
import { decode, TextPool } from './text-pool.js';

/** What is to be predicted, row by row. */
export type Target =
  | { kind: 'classes'; name: string; classes: Labels; ids: Int32Array }
  | { kind: 'quantity'; name: string; values: Float64Array };

/** Each class is a score in every answer, and a share in every leaf. */
const MOST_CLASSES = 1_000;
/** Ten thousand trees add up what their leaves say in float32. */
const GREATEST_QUANTITY = 1e34;

/** Gathers the target. @throws PlatformError DATASET_INVALID naming where, when a row has none or it is not of the kind that is needed. */
export abstract class TargetBuilder {
  constructor(
    readonly name: string,
    protected readonly place: (at: number) => string,
  ) {}

  abstract addCell(bytes: Uint8Array, start: number, end: number, at: number): void;
  abstract addText(text: string, at: number): void;
  abstract addValue(value: number, at: number): void;
  abstract addWhole(value: bigint, at: number): void;
  abstract finish(): Target;

  addMissing(at: number): void {
    throw invalidData(
      `${this.place(at)} has no value in the target column "${this.name}"; leave the row out or fill it in.`,
    );
  }
}

export class ClassesBuilder extends TargetBuilder {
  private readonly pool = new TextPool();
  private readonly codes = new Growing(Int32Array);

  addCell(bytes: Uint8Array, start: number, end: number, at: number): void {
    if (start === end || (end - start <= 8 && isMissing(decode(bytes, start, end)))) this.addMissing(at);
    this.add(this.pool.positionOfBytes(bytes, start, end));
  }

  addText(text: string, at: number): void {
    if (isMissing(text)) this.addMissing(at);
    this.add(this.pool.positionOf(text));
  }

  addValue(value: number, at: number): void {
    this.addText(String(value), at);
  }

  addWhole(value: bigint, at: number): void {
    this.addText(String(value), at);
  }

  finish(): Target {
    const { classes, idOf } = classesOf(this.name, this.pool.texts);
    const codes = this.codes.taken();
    return { kind: 'classes', name: this.name, classes, ids: codes.map((code) => idOf[code]) };
  }

  private add(position: number): void {
    this.codes.push(position);
    if (this.pool.size > MOST_CLASSES)
      throw invalidData(
        `The target column "${this.name}" has more than ${String(MOST_CLASSES)} classes; for a quantity choose a recipe for regression.`,
      );
  }
}

export class QuantityBuilder extends TargetBuilder {
  private readonly values = new Growing(Float64Array);

  addCell(bytes: Uint8Array, start: number, end: number, at: number): void {
    const value = readDecimal(bytes, start, end);
    if (Number.isNaN(value)) this.addText(decode(bytes, start, end), at);
    else this.addValue(value, at);
  }

  addText(text: string, at: number): void {
    const number = decimalOf(text);
    if (!Number.isNaN(number)) {
      this.addValue(number, at);
      return;
    }
    if (isMissing(text)) this.addMissing(at);
    throw invalidData(
      `${this.place(at)} has ${shown(text)} in the target column "${this.name}"; a regression needs a number in every row.`,
    );
  }

  addValue(value: number, at: number): void {
    if (Number.isNaN(value)) this.addMissing(at);
    if (!(Math.abs(value) <= GREATEST_QUANTITY))
      throw invalidData(
        `${this.place(at)} has ${String(value)} in the target column "${this.name}"; numbers must be finite and at most ${String(GREATEST_QUANTITY)}.`,
      );
    this.values.push(value);
  }

  addWhole(value: bigint, at: number): void {
    this.addValue(Number(value), at);
  }

  finish(): Target {
    const values = this.values.taken();
    if (values.length > 0 && values.every((value) => value === values[0]))
      throw invalidData(
        `The target column "${this.name}" is ${String(values[0])} in every row, so there is nothing to learn.`,
      );
    return { kind: 'quantity', name: this.name, values };
  }
}
